// Who owns the phones of the demo: invented people with invented numbers.
// Not for: what a role may do; only the service knows that.

const NAMES = {
  worker: ["Ibu Sari", "Pak Budi", "Joko", "Ibu Yohana", "Pak Yopi", "Ibu Wa Ija", "Pak Markus"],
  officer: ["Dewi", "Ona", "Hamid"],
  admin: ["Rahmat", "Ratna"],
};

const NUMBERS = { worker: 0, officer: 100, admin: 200 };

export const ROLES = { worker: "Pekerja", officer: "Petugas", admin: "Admin" };

export const FIRST_PHONES = ["worker-1", "officer-1", "admin-1"];

// "worker-2" gives Pak Budi's phone; null for an id that is none of ours.
export function phoneOf(id) {
  const parts = /^(worker|officer|admin)-([1-9][0-9]?)$/.exec(id);
  if (!parts) return null;
  const [, role, place] = parts;
  const nth = Number(place);
  const name = NAMES[role][nth - 1] ?? `${ROLES[role]} ${nth}`;
  const number = `+6281234500${String(NUMBERS[role] + nth).padStart(3, "0")}`;
  return { id, role, nth, name, number, commands: [], offer: "", blocked: false };
}

export function firstName(phone) {
  return phone.name.replace(/^(Ibu|Pak) /, "");
}

// +6281234500001 as people here write it: 0812-3450-0001.
export function spokenNumber(number) {
  return number.replace(/^\+62(\d{3})(\d{4})(\d+)$/, "0$1-$2-$3");
}
