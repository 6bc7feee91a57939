// The demo page: opens what it remembers, draws the phones and lets them talk.
// Not for: one phone (phone.js), memory (store.js), the wire (network.js).

import { make } from "./bubble.js";
import { FIRST_PHONES, ROLES, phoneOf } from "./cast.js";
import { wireMenu } from "./menu.js";
import { Network } from "./network.js";
import { PhoneView } from "./phone.js";
import { openStore } from "./store.js";

const LINES = {
  open: "Tersambung",
  waiting: "Menyambung lagi…",
  broken: "Peramban ini tidak bisa menyimpan percakapan.",
  refused: "Alamat ini tidak berlaku lagi. Buka alamat baru yang ditulis program.",
};

const NARROW = matchMedia("(max-width: 760px)");

const views = new Map();
const tabs = new Map();
let store;
let network;
let chosen = FIRST_PHONES[0];

function showLine(state) {
  const line = document.getElementById("line");
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = LINES[state];
}

// On a narrow screen one phone is shown; the others say in the switcher how many messages wait there.
function choose(id) {
  chosen = id;
  for (const [phoneId, view] of views) {
    view.element.toggleAttribute("data-chosen", phoneId === id);
    const tab = tabs.get(phoneId);
    tab.button.setAttribute("aria-current", String(phoneId === id));
    if (phoneId === id) countUnread(phoneId, 0);
  }
  tabs.get(id).button.scrollIntoView({ inline: "nearest", block: "nearest" });
  views.get(id).toEnd();
}

function countUnread(id, count) {
  const tab = tabs.get(id);
  tab.unread = count;
  tab.badge.textContent = count ? String(count) : "";
  tab.badge.hidden = count === 0;
  tab.button.setAttribute("aria-label", `${tab.label}${count ? `, ${count} pesan baru` : ""}`);
}

function addTab(phone) {
  const button = make("button", "tab");
  button.type = "button";
  button.append(make("strong", "", phone.name), make("span", "", ROLES[phone.role]));
  const badge = make("b", "badge");
  button.append(badge);
  button.onclick = () => choose(phone.id);
  document.getElementById("switcher").append(button);
  tabs.set(phone.id, { button, badge, unread: 0, label: `${phone.name}, ${ROLES[phone.role]}` });
  countUnread(phone.id, 0);
}

async function addPhone(phone) {
  const messages = await store.messages(phone.id);
  const view = new PhoneView(phone, messages, {
    async say(said) {
      await store.say(phone, said);
      network.pump(phone.id);
    },
    async sayEdit(update) {
      view.draw(await store.sayEdit(update));
      network.pump(phone.id);
    },
    clear: () => store.clear(phone.id),
    picture: (message) => store.file(message.file),
    look,
  });
  views.set(phone.id, view);
  document.getElementById("phones").append(view.element);
  addTab(phone);
  view.toEnd();
  return view;
}

async function addNext(role) {
  let nth = 1;
  while (views.has(`${role}-${nth}`)) nth += 1;
  const phone = phoneOf(`${role}-${nth}`);
  if (!phone) return;
  await store.putPhone(phone);
  const view = await addPhone(phone);
  choose(phone.id);
  view.element.scrollIntoView({ behavior: "smooth", inline: "center" });
  view.text.focus({ preventScroll: true });
}

async function heard(change) {
  if (change.typing) return views.get(change.typing)?.showTyping();
  if (!change.phone) return;
  const view = views.get(change.phone.id) ?? (await addPhone(change.phone));
  view.heard(change);
  const { id } = change.phone;
  const hidden = NARROW.matches && id !== chosen;
  if (hidden && change.said.message_id) countUnread(id, tabs.get(id).unread + 1);
}

function look(blob, message) {
  const dialog = document.getElementById("look");
  const image = dialog.querySelector("img");
  image.src = URL.createObjectURL(blob);
  image.alt = message.mine ? "Foto yang dikirim" : "Foto dari layanan";
  image.oncontextmenu = (event) => message.protected && event.preventDefault();
  dialog.onclose = () => {
    URL.revokeObjectURL(image.src);
    image.removeAttribute("src");
  };
  dialog.onclick = () => dialog.close();
  dialog.showModal();
}

// Two pages over one memory would answer twice, so one window has it and the others wait.
async function holdMemory(options) {
  let failed = false;
  try {
    await navigator.locks.request("lindung-webchat", options, async () => {
      await run().catch((problem) => {
        failed = true;
        throw problem;
      });
      await new Promise(() => {});
    });
  } catch (problem) {
    if (!failed) return yieldToOther();
    showLine("broken");
    console.error(problem);
  }
}

function yieldToOther() {
  network?.stop();
  const dialog = document.getElementById("elsewhere");
  dialog.oncancel = (event) => event.preventDefault();
  dialog.querySelector("button").onclick = () => {
    sessionStorage.setItem("take", "yes");
    location.reload();
  };
  if (!dialog.open) dialog.showModal();
}

async function run() {
  store = await openStore();
  network = new Network(store, {
    heard,
    settled: (message) => message && views.get(message.phone)?.draw(message),
    line: showLine,
    replaced: yieldToOther,
  });
  const kept = new Map((await store.phones()).map((phone) => [phone.id, phone]));
  const ids = new Set([...FIRST_PHONES, ...kept.keys()]);
  for (const id of ids) await addPhone(kept.get(id) ?? phoneOf(id));
  choose(chosen);
  wireMenu(document.getElementById("add"), document.getElementById("add-menu"), (entry) =>
    addNext(entry.dataset.role),
  );
  network.connect();
  for (const id of ids) network.pump(id);
  setInterval(() => views.forEach((view) => view.tick()), 10_000);
}

const take = sessionStorage.getItem("take") !== null;
sessionStorage.removeItem("take");
// Without taking it: the page before a reload lets go a moment late.
holdMemory(take ? { steal: true } : { signal: AbortSignal.timeout(1500) });
