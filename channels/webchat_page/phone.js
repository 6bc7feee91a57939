// One phone: its chat, what its owner types, taps, sends and edits.
// Not for: keeping anything (store.js) or handing it over (network.js).

import { bold, clock, dayOf, drawMessage, make, redrawMessage } from "./bubble.js";
import { ROLES, firstName, spokenNumber } from "./cast.js";
import { wireMenu } from "./menu.js";

const TYPING_SHOWN = 6000;
const TOAST_SHOWN = 4000;
const TAP_SPINS = 8000;
const NEAR_END = 80;
const SAVING_TAKES = 60_000;

export class PhoneView {
  // `does.say({ update, message, blob, changes })` and `does.sayEdit(update)` keep and send, `does.clear()`
  // empties; `does.picture(message)` finds a picture or document, `does.look(blob, message)` shows it large.
  constructor(phone, messages, does) {
    this.phone = phone;
    this.does = does;
    this.taps = new Map();
    this.drawn = new Map();
    this.lastOwn = this.lastDay = null;
    this.bubbles = {
      tap: (...pressed) => this.tap(...pressed),
      edit: (message) => this.startEditing(message),
      look: does.look,
      picture: async (message) => (this.unsaved?.ref === message.file ? this.unsaved.blob : does.picture(message)),
    };
    this.bubbles.save = async (message) => save(await this.bubbles.picture(message), message.name);
    this.element = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.build();
    for (const message of messages) this.draw(message);
    this.refresh();
    this.wire();
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  build() {
    const { phone, element } = this;
    element.id = `phone-${phone.id}`;
    element.setAttribute("aria-label", `HP ${phone.name}, ${ROLES[phone.role]}`);
    element.dataset.role = phone.role;
    this.find(".owner h2").textContent = phone.name;
    this.find(".owner p").textContent = `${ROLES[phone.role]} · ${spokenNumber(phone.number)}`;
    this.log = this.find(".log");
    this.log.setAttribute("aria-label", `Percakapan ${phone.name}`);
    this.text = this.find("textarea");
    this.text.setAttribute("aria-label", `Pesan dari ${phone.name}`);
    this.find(".hello p").textContent =
      phone.role === "worker"
        ? `Ini HP ${phone.name}. Tekan Mulai untuk menyapa layanan.`
        : `Ini HP ${phone.name}. Tekan Mulai, atau kirim kode undangan.`;
  }

  wire() {
    const { log, text } = this;
    this.find(".write").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    text.addEventListener("input", () => this.fit());
    text.addEventListener("keydown", (event) => this.pressed(event));
    log.addEventListener("scroll", () => this.markNewer());
    this.find(".newer").onclick = () => this.toEnd();
    this.find(".hello button").onclick = () => this.sayText("/start");
    this.find(".offer button").onclick = () => this.sharePhone();
    this.find(".editing button").onclick = () => this.stopEditing();
    this.find(".blocked button").onclick = () => this.block(false);
    this.find(".alert button").onclick = () => this.closeAlert();
    this.find(".alert").addEventListener("keydown", (event) => event.key === "Escape" && this.closeAlert());
    this.wireMenus();
  }

  wireMenus() {
    const photo = this.find(".pick-photo");
    const file = this.find(".pick-file");
    photo.onchange = () => this.sendFiles(photo, "photo");
    file.onchange = () => this.sendFiles(file, "file");
    wireMenu(this.find(".attach > button"), this.find(".attach .menu"), (entry) =>
      (entry.dataset.as === "photo" ? photo : file).click(),
    );
    wireMenu(this.find(".commands > button"), this.find(".commands .menu"), (entry) => {
      this.sayText(entry.dataset.word);
      this.text.focus();
    });
    wireMenu(this.find(".head .more"), this.find(".head .menu"), (entry) => {
      if (entry.dataset.do === "clear") this.clear();
      else this.block(!this.phone.blocked);
    });
  }

  // What is shown besides messages follows from the phone.
  refresh() {
    const { phone } = this;
    this.find(".hello").hidden = this.drawn.size > 0 || phone.blocked;
    this.find(".offer").hidden = !phone.offer || phone.blocked;
    this.find(".offer span").textContent = phone.offer;
    this.find(".write").hidden = phone.blocked;
    this.find(".blocked").hidden = !phone.blocked;
    this.find("[data-do=block]").textContent = phone.blocked ? "Buka blokir" : "Blokir layanan";
    this.find(".commands").hidden = phone.commands.length === 0;
    this.find(".commands .menu").replaceChildren(...phone.commands.map(drawCommand));
    this.tick();
  }

  tick() {
    this.find(".clock").textContent = clock();
  }

  // Draw a message that is new or has changed.
  draw(message) {
    const atEnd = this.atEnd();
    const old = this.drawn.get(message.id);
    if (old) {
      this.keepFocus(old.element, () => redrawMessage(old.element, old.message, message, this.bubbles));
      old.message = message;
    } else {
      const element = drawMessage(message, this.bubbles);
      this.drawn.set(message.id, { message, element });
      this.separateDays(message);
      this.append(element);
      if (message.mine) this.markLastOwn(message.id);
    }
    if (atEnd || (message.mine && !old)) this.toEnd();
    this.markNewer();
  }

  append(element) {
    if (this.dots?.isConnected) this.dots.before(element);
    else this.log.append(element);
  }

  // The focus must not fall into nothing when the pressed button goes away.
  keepFocus(element, change) {
    const focused = element.contains(document.activeElement);
    change();
    if (focused && !element.contains(document.activeElement)) this.log.focus({ preventScroll: true });
  }

  separateDays(message) {
    const day = dayOf(message.at);
    if (this.lastDay === day) return;
    this.lastDay = day;
    this.append(make("p", "day", day));
  }

  // Only the newest own message carries the pen.
  markLastOwn(id) {
    this.drawn.get(this.lastOwn)?.element.classList.remove("newest");
    this.lastOwn = id;
    this.drawn.get(id)?.element.classList.add("newest");
  }

  erase(message) {
    const drawn = this.drawn.get(message.id);
    if (!drawn) return;
    this.keepFocus(drawn.element, () => drawn.element.remove());
    this.drawn.delete(message.id);
    if (this.editing === message.id) this.stopEditing();
  }

  heard({ phone, message, closed, gone, ack }) {
    if (phone) this.phone = phone;
    if (closed) this.draw(closed);
    if (message) {
      this.showTyping(false);
      this.draw(message);
    }
    if (gone) this.erase(gone);
    if (ack) this.acknowledge(ack);
    this.refresh();
  }

  showTyping(on = true) {
    clearTimeout(this.typing);
    this.element.toggleAttribute("data-typing", on);
    this.find(".busy").textContent = on ? "sedang mengetik…" : "layanan pesan";
    this.dots?.remove();
    if (!on) return;
    const atEnd = this.atEnd();
    this.dots = make("div", "message theirs dots");
    this.dots.setAttribute("aria-hidden", "true");
    const bubble = make("div", "bubble");
    bubble.append(make("i"), make("i"), make("i"));
    this.dots.append(bubble);
    this.log.append(this.dots);
    if (atEnd) this.toEnd();
    this.typing = setTimeout(() => this.showTyping(false), TYPING_SHOWN);
  }

  acknowledge({ tap_id: tapId, text, alert }) {
    this.taps.get(tapId)?.();
    if (!text) return;
    if (alert) {
      const before = document.activeElement;
      this.find(".alert p").replaceChildren(...bold(text));
      this.find(".alert").hidden = false;
      // Whoever writes on another phone at this moment is not torn away.
      if (this.element.contains(before)) this.find(".alert button").focus();
      return;
    }
    const toast = this.find(".toast");
    toast.replaceChildren(...bold(text));
    toast.classList.add("shown");
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => {
      toast.classList.remove("shown");
      toast.replaceChildren();
    }, TOAST_SHOWN);
  }

  closeAlert() {
    this.find(".alert").hidden = true;
    this.text.focus();
  }

  // What the owner does.

  update(kind, rest = {}) {
    return { id: crypto.randomUUID(), phone: this.phone.id, name: firstName(this.phone), kind, ...rest };
  }

  own(rest) {
    return { id: crypto.randomUUID(), phone: this.phone.id, at: Date.now(), mine: true, state: "sent", ...rest };
  }

  async say(update, { message, blob, changes } = {}) {
    Object.assign(this.phone, changes);
    if (message) this.draw(message);
    this.refresh();
    try {
      await this.does.say({ update, message, blob, changes });
    } catch (problem) {
      // The browser has no room left: better said than lost in silence.
      if (message) this.draw({ ...message, state: "failed" });
      throw problem;
    }
  }

  sayText(text) {
    const message = this.own({ text });
    return this.say(this.update("text", { message_id: message.id, text }), { message });
  }

  submit() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.fit();
    if (this.editing) {
      const messageId = this.editing;
      this.stopEditing();
      if (text !== this.drawn.get(messageId).message.text)
        this.does.sayEdit(this.update("edit", { message_id: messageId, text }));
    } else this.sayText(text);
    this.text.focus();
  }

  pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.editing) this.stopEditing();
    else if (event.key === "ArrowUp" && !this.text.value && !this.editing) this.editNewest(event);
  }

  editNewest(event) {
    const newest = this.drawn.get(this.lastOwn)?.message;
    if (!newest || newest.what !== undefined) return;
    event.preventDefault();
    this.startEditing(newest);
  }

  startEditing(message) {
    this.editing = message.id;
    this.find(".editing").hidden = false;
    this.find(".editing span").textContent = message.text;
    this.text.value = message.text;
    this.fit();
    this.text.focus();
  }

  stopEditing() {
    this.editing = null;
    this.find(".editing").hidden = true;
    this.text.value = "";
    this.fit();
    this.text.focus();
  }

  async tap(message, choice, button) {
    const update = this.update("tap", { message_id: message.id, data: choice.data });
    button.setAttribute("aria-busy", "true");
    const rest = () => {
      this.taps.delete(update.id);
      button.removeAttribute("aria-busy");
    };
    this.taps.set(update.id, rest);
    setTimeout(rest, TAP_SPINS);
    await this.say(update);
  }

  sharePhone() {
    const { number } = this.phone;
    const message = this.own({ what: "contact", text: spokenNumber(number) });
    const update = this.update("phone", { message_id: message.id, number, own: true });
    this.say(update, { message, changes: { offer: "" } });
    this.text.focus();
  }

  // Several pictures chosen at once are one album.
  async sendFiles(input, as) {
    const files = [...input.files];
    input.value = "";
    const album = files.length > 1 ? crypto.randomUUID() : "";
    for (const file of files) {
      const what = as === "photo" ? "photo" : whatIs(file.type);
      const ref = crypto.randomUUID();
      const { size, type: mime, name } = file;
      const message = this.own({ what, file: ref, name, size, text: "" });
      const update = this.update("file", { message_id: message.id, what, ref, size, mime, album, file_name: name.slice(-255) });
      // A copy: the file on the disk may change or go before the service asks for it.
      const copy = new Blob([await file.arrayBuffer()], { type: mime });
      this.unsaved = { ref, blob: copy };
      await this.say(update, { message, blob: copy });
    }
    this.text.focus();
  }

  block(on) {
    this.say(this.update(on ? "blocked" : "returned"), { changes: { blocked: on, offer: "" } });
    if (!on) this.text.focus();
  }

  async clear() {
    await this.does.clear();
    this.log.replaceChildren();
    this.drawn.clear();
    this.lastDay = this.lastOwn = null;
    this.refresh();
  }

  // Where the eye is.

  fit() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 120)}px`;
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.markNewer();
  }

  markNewer() {
    this.find(".newer").hidden = this.atEnd();
  }
}

// Into the folder of downloads, as a press on a link would.
function save(blob, name) {
  if (!blob) return;
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVING_TAKES);
}

function whatIs(type) {
  const [kind] = type.split("/");
  return { image: "image", audio: "voice", video: "video" }[kind] ?? "document";
}

function drawCommand([word, description]) {
  const entry = make("button", "command");
  entry.type = "button";
  entry.setAttribute("role", "menuitem");
  entry.dataset.word = word.startsWith("/") ? word : `/${word}`;
  entry.append(make("strong", "", entry.dataset.word), make("span", "", description));
  return entry;
}
