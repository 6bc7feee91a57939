// Draws one message. Texts are only ever set as text, so nothing in them can become part of the page.
// Not for: what happens when something in it is pressed; `does` hears of that.

const TIME = new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("id-ID", { day: "numeric", month: "long", year: "numeric" });
const ONE_DAY = 24 * 60 * 60 * 1000;

const TICKS = {
  sent: ["sent", "Terkirim, menunggu layanan"],
  received: ["received", "Sudah diterima"],
  failed: ["failed", "Tidak bisa dikirim"],
};

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export function clock(at = Date.now()) {
  return TIME.format(at);
}

export function dayOf(at) {
  const day = DAY.format(at);
  if (day === DAY.format(Date.now())) return "Hari ini";
  if (day === DAY.format(Date.now() - ONE_DAY)) return "Kemarin";
  return day;
}

// `**word**` is bold; a masked number of asterisks is not.
export function bold(text) {
  return text.split(/\*\*(?=[^\s*])([^*\n]*[^\s*])\*\*/).map((part, nth) => (nth % 2 ? make("strong", "", part) : part));
}

// The element of a message. `does.tap(message, choice, button)`, `does.look(blob, message)`,
// `does.edit(message)`, `does.save(message)` are called on presses; `does.picture(message)` resolves to the blob of
// a picture.
export function drawMessage(message, does) {
  const element = make("div", `message ${message.mine ? "mine" : "theirs"}`);
  element.dataset.id = message.id;
  element.toggleAttribute("data-protected", Boolean(message.protected));
  element.append(drawBubble(message, does), ...drawChoices(message, does), ...drawPen(message, does));
  return element;
}

// Change only what is different, so that a screen reader does not read a message again for its ticks.
export function redrawMessage(element, before, message, does) {
  const bubble = element.querySelector(".bubble");
  if (["text", "blank", "file"].some((part) => before[part] !== message[part]))
    bubble.replaceWith(drawBubble(message, does));
  else bubble.querySelector(".facts").replaceWith(drawFacts(message));
  element.querySelector(".choices")?.remove();
  element.querySelector(".pen")?.remove();
  element.append(...drawChoices(message, does), ...drawPen(message, does));
}

function drawBubble(message, does) {
  const bubble = make("div", "bubble");
  bubble.append(make("span", "unseen", message.mine ? "Saya: " : "Lindung: "));
  if (message.file) bubble.append(drawFile(message, does));
  if (message.blank) bubble.append(make("p", "text gone", "Isi pesan ini sudah dihapus."));
  if (message.what === "contact") bubble.append(drawContact(message));
  else if (message.text) {
    const text = make("p", "text");
    text.append(...bold(message.text));
    bubble.append(text);
  }
  bubble.append(drawFacts(message));
  return bubble;
}

function drawFacts(message) {
  const facts = make("p", "facts");
  facts.setAttribute("aria-live", "off");
  if (message.protected && !message.blank) {
    const mark = make("span", "mark");
    mark.append(icon("lock"), "Dilindungi");
    mark.title = "Pesan ini tidak bisa diteruskan atau disimpan";
    facts.append(mark);
  }
  if (message.edited) facts.append(make("span", "", "diubah"));
  const time = make("time", "", clock(message.at));
  time.dateTime = new Date(message.at).toISOString();
  facts.append(time);
  if (message.mine) {
    const [name, says] = TICKS[message.state];
    const ticks = make("span", `ticks ${name}`);
    ticks.append(icon(name), make("span", "unseen", says));
    ticks.title = says;
    facts.append(ticks);
  }
  return facts;
}

function drawFile(message, does) {
  if (message.what === "photo") {
    const button = make("button", "picture");
    button.type = "button";
    button.setAttribute("aria-label", "Lihat foto");
    const image = make("img");
    image.alt = message.mine ? "Foto yang dikirim" : "Foto dari layanan";
    image.draggable = !message.protected;
    does.picture(message).then((blob) => {
      if (!blob) return;
      image.src = URL.createObjectURL(blob);
      image.onload = image.onerror = () => URL.revokeObjectURL(image.src);
      button.onclick = () => does.look(blob, message);
    });
    if (message.protected) image.oncontextmenu = (event) => event.preventDefault();
    button.append(image);
    return button;
  }
  // What is protected may be seen but not saved; and one's own file is at hand anyway.
  const saves = !message.mine && !message.protected;
  const file = make(saves ? "button" : "div", "file");
  const names = make("span", "names");
  names.append(make("strong", "", message.name), make("span", "", sizeOf(message.size)));
  file.append(icon(saves ? "save" : "file"), names);
  if (saves) {
    file.type = "button";
    file.setAttribute("aria-label", `Simpan ${message.name}, ${sizeOf(message.size)}`);
    file.onclick = () => does.save(message);
  }
  return file;
}

function sizeOf(bytes) {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${size.toLocaleString("id-ID", { maximumFractionDigits: 1 })} ${unit}`;
}

function drawContact(message) {
  const contact = make("div", "file");
  const names = make("span", "names");
  names.append(make("strong", "", "Nomor HP saya"), make("span", "", message.text));
  contact.append(icon("phone"), names);
  return contact;
}

function drawChoices(message, does) {
  if (!message.choices?.length) return [];
  const choices = make("div", `choices${message.stacked ? " stacked" : ""}`);
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-label", "Pilihan jawaban");
  for (const choice of message.choices) {
    const button = make("button", "choice", choice.label);
    button.type = "button";
    button.onclick = () => does.tap(message, choice, button);
    choices.append(button);
  }
  return [choices];
}

function drawPen(message, does) {
  if (!message.mine || message.what !== undefined) return [];
  const pen = make("button", "pen round");
  pen.type = "button";
  pen.setAttribute("aria-label", "Ubah pesan ini");
  pen.append(icon("pen"));
  pen.onclick = () => does.edit(message);
  return [pen];
}
