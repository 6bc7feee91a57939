// What the page remembers over a reload: phones, messages, pictures, and what is not yet handed over.
// Everything that belongs together is written in one IndexedDB transaction.
// Not for: drawing (phone.js) or talking to the service (network.js).

import { phoneOf } from "./cast.js";

const ALL = ["phones", "messages", "updates", "files", "events"];
const DAY = 24 * 60 * 60 * 1000;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function openStore() {
  const opening = indexedDB.open("lindung-webchat", 1);
  opening.onupgradeneeded = () => {
    const db = opening.result;
    db.createObjectStore("phones", { keyPath: "id" });
    const messages = db.createObjectStore("messages", { keyPath: "n", autoIncrement: true });
    messages.createIndex("id", "id", { unique: true });
    messages.createIndex("phone", "phone");
    const updates = db.createObjectStore("updates", { keyPath: "n", autoIncrement: true });
    updates.createIndex("phone", "phone");
    db.createObjectStore("files", { keyPath: "ref" });
    db.createObjectStore("events", { keyPath: "id" });
  };
  const store = new Store(await done(opening));
  await store.forgetOldEvents();
  return store;
}

class Store {
  constructor(db) {
    this.db = db;
  }

  // Run `change` in one transaction; resolves once it is on the disk.
  async transact(change, mode = "readwrite") {
    const tx = this.db.transaction(ALL, mode, { durability: "strict" });
    const ended = new Promise((resolve, reject) => {
      tx.oncomplete = resolve;
      tx.onabort = () => reject(tx.error);
    });
    const stores = Object.fromEntries(ALL.map((name) => [name, tx.objectStore(name)]));
    let result;
    try {
      result = await change(stores);
    } catch (problem) {
      ended.catch(() => {});
      try {
        tx.abort();
      } catch {
        // A failed request has ended it already.
      }
      throw problem;
    }
    await ended;
    return result;
  }

  read(change) {
    return this.transact(change, "readonly");
  }

  phones() {
    return this.read((s) => done(s.phones.getAll()));
  }

  putPhone(phone) {
    return this.transact((s) => done(s.phones.put(phone)));
  }

  messages(phoneId) {
    return this.read((s) => done(s.messages.index("phone").getAll(phoneId)));
  }

  async file(ref) {
    const row = await this.read((s) => done(s.files.get(ref)));
    return row ? row.blob : null;
  }

  nextUpdate(phoneId) {
    return this.read((s) => done(s.updates.index("phone").get(phoneId)));
  }

  // What a person did: the update that tells of it, its bubble, its file, and what it changes on the phone.
  async say(phone, { update, message, blob, changes }) {
    return this.transact(async (s) => {
      if (blob) await done(s.files.put({ ref: update.ref, blob }));
      if (message) await done(s.messages.add(message));
      const kept = (await done(s.phones.get(phone.id))) ?? phone;
      await done(s.phones.put(Object.assign(kept, changes)));
      await done(s.updates.add({ phone: phone.id, messageId: message ? message.id : "", body: update }));
    });
  }

  // An edit of an own message: the bubble changes and the update tells of it.
  async sayEdit(update) {
    return this.transact(async (s) => {
      const message = await done(s.messages.index("id").get(update.message_id));
      Object.assign(message, { text: update.text, edited: true, state: "sent" });
      await done(s.messages.put(message));
      await done(s.updates.add({ phone: update.phone, messageId: message.id, body: update }));
      return message;
    });
  }

  // The service has taken an update, or will never take it; gives the message whose ticks change.
  async settle(row, state) {
    return this.transact(async (s) => {
      await done(s.updates.delete(row.n));
      const message = row.messageId && (await done(s.messages.index("id").get(row.messageId)));
      if (!message) return null;
      message.state = state;
      await done(s.messages.put(message));
      return message;
    });
  }

  async clear(phoneId) {
    return this.transact(async (s) => {
      const waiting = await done(s.updates.index("phone").getAll(phoneId));
      const needed = new Set(waiting.map((row) => row.body.ref));
      for (const message of await done(s.messages.index("phone").getAll(phoneId))) {
        await done(s.messages.delete(message.n));
        // The service may still ask for a picture it was told of.
        if (message.file && !message.mine && !needed.has(message.file)) await done(s.files.delete(message.file));
      }
    });
  }

  // Apply one event of the service, once; `blob` is the document that goes with it. Gives what to confirm and what to draw again.
  async apply(event, blob) {
    return this.transact(async (s) => {
      const seen = await done(s.events.get(event.id));
      if (seen) return { said: seen.said };
      const phone = (await done(s.phones.get(event.to))) ?? phoneOf(event.to);
      if (!phone) return { said: { error: "no_phone" } };
      if (phone.blocked) return { said: { error: "blocked" } };
      const change = await APPLY[event.type](s, event, phone, blob);
      change.phone = phone;
      change.said ??= {};
      if (!change.said.error) await done(s.events.put({ id: event.id, said: change.said, at: Date.now() }));
      return change;
    });
  }

  async forgetOldEvents() {
    await this.transact(async (s) => {
      for (const event of await done(s.events.getAll())) {
        if (event.at < Date.now() - DAY) await done(s.events.delete(event.id));
      }
    });
  }
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

// The question about the number is over: the offer goes, and the ready answers that stood with it.
async function closeOffer(s, phone) {
  phone.offer = "";
  const asked = (await done(s.messages.index("phone").getAll(phone.id))).findLast((each) => each.asksPhone);
  if (!asked?.choices?.length) return null;
  asked.choices = [];
  await done(s.messages.put(asked));
  return asked;
}

const APPLY = {
  async message(s, event, phone, blob) {
    const message = {
      id: crypto.randomUUID(),
      phone: phone.id,
      at: Date.now(),
      mine: false,
      text: event.text,
      choices: event.choices,
      stacked: event.stacked,
      protected: event.protected,
    };
    if (event.photo) {
      message.what = "photo";
      message.file = message.id;
      await done(s.files.put({ ref: message.file, blob: new Blob([bytesOf(event.photo)]) }));
    }
    if (event.document) {
      Object.assign(message, { what: "document", file: message.id, ...event.document });
      await done(s.files.put({ ref: message.file, blob }));
    }
    if (event.asks_phone) message.asksPhone = true;
    const closed = event.ends_phone && (await closeOffer(s, phone));
    if (event.asks_phone) phone.offer = event.asks_phone;
    await done(s.phones.put(phone));
    await done(s.messages.add(message));
    return { said: { message_id: message.id }, message, closed };
  },

  async edit(s, event, phone) {
    const message = await done(s.messages.index("id").get(event.ref));
    if (!message || message.phone !== phone.id) return { said: { error: "no_message" } };
    if (event.blank) {
      if (message.file) await done(s.files.delete(message.file));
      Object.assign(message, { text: "", file: "", what: "", blank: true });
    } else if (event.text !== null) {
      Object.assign(message, { text: event.text, edited: message.text !== event.text });
    }
    Object.assign(message, { choices: event.choices, stacked: event.stacked });
    await done(s.messages.put(message));
    return { message };
  },

  async delete(s, event, phone) {
    const message = await done(s.messages.index("id").get(event.ref));
    if (!message || message.phone !== phone.id) return {};
    if (message.file) await done(s.files.delete(message.file));
    await done(s.messages.delete(message.n));
    return { gone: message };
  },

  async commands(s, event, phone) {
    phone.commands = event.entries;
    await done(s.phones.put(phone));
    return {};
  },

  async ack(s, event) {
    return { ack: event };
  },
};
