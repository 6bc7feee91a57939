// The page as a network: hands every update over until the service has taken it, in order per phone, and
// applies what the service sends, confirming it once it is kept.
// Not for: what anything looks like (phone.js).

const SLOWEST = 5000;
const NEVER = new Set([400, 413]);

export class Network {
  // `heard(change)` draws what the service sent, `settled(message)` new ticks, `line(state)` the connection.
  constructor(store, { heard, settled, line, replaced }) {
    Object.assign(this, { store, heard, settled, line, replaced });
    this.active = true;
    this.pumping = new Set();
    this.wake = () => {};
    this.woken = Promise.resolve();
    this.work = Promise.resolve();
    this.rest();
  }

  connect() {
    if (!this.active) return;
    this.stream = new EventSource("events");
    this.stream.onopen = () => {
      this.line("open");
      this.wake();
    };
    this.stream.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "replaced") return this.replaced();
      // One after the other, so that what is shown keeps the order of the stream.
      this.work = this.work.then(() => this.take(event)).catch((problem) => console.error(problem));
    };
    this.stream.onerror = () => {
      if (!this.active) return;
      this.line("waiting");
      if (this.stream.readyState === EventSource.CLOSED) this.reconnect();
    };
  }

  // A stream that was refused does not come back by itself and does not say why.
  async reconnect() {
    const status = await fetch("icon.svg").then((answer) => answer.status, () => 0);
    if (this.active && status === 403) this.line("refused");
    setTimeout(() => this.connect(), 1000);
  }

  stop() {
    this.active = false;
    this.stream?.close();
    this.wake();
  }

  // Hand over what this phone has waiting. Safe to call at any time.
  async pump(phoneId) {
    if (this.pumping.has(phoneId)) return;
    this.pumping.add(phoneId);
    try {
      let pause = 250;
      for (;;) {
        const row = await this.store.nextUpdate(phoneId);
        if (!row || !this.active) return;
        const status = await this.hand(row.body);
        if (!this.active) return;
        if (status === 200 || NEVER.has(status)) {
          this.settled(await this.store.settle(row, status === 200 ? "received" : "failed"));
          pause = 250;
          continue;
        }
        await Promise.race([this.woken, new Promise((resolve) => setTimeout(resolve, pause))]);
        pause = Math.min(pause * 2, SLOWEST);
      }
    } finally {
      this.pumping.delete(phoneId);
      // Something may have been added between the last look and here.
      if (this.active && (await this.store.nextUpdate(phoneId))) this.pump(phoneId);
    }
  }

  async hand(body) {
    try {
      const headers = { "Content-Type": "application/json" };
      return (await fetch("update", { method: "POST", headers, body: JSON.stringify(body) })).status;
    } catch {
      return 0;
    }
  }

  async take(event) {
    if (!this.active) return;
    if (event.type === "typing") return this.heard({ typing: event.to });
    if (event.type === "fetch") return this.bring(event);
    // Fetched first: a transaction of the store cannot wait for the wire.
    const blob = event.document && (await this.document(event.id));
    // Without it nothing is confirmed, and the service says it again.
    if (event.document && !blob) return;
    const change = await this.store.apply(event, blob);
    await this.heard(change);
    await this.confirm({ id: event.id, ...change.said });
  }

  async bring(event) {
    const blob = await this.store.file(event.ref);
    if (!blob) return this.confirm({ id: event.id, error: "gone" });
    // Not awaited: a large file must not hold up the messages behind it.
    fetch(`files/${event.id}`, { method: "PUT", body: blob }).catch(() => {});
  }

  async document(eventId) {
    try {
      const answer = await fetch(`files/${eventId}`);
      return answer.ok ? await answer.blob() : null;
    } catch {
      return null;
    }
  }

  async confirm(said) {
    try {
      const headers = { "Content-Type": "application/json" };
      await fetch("confirm", { method: "POST", headers, body: JSON.stringify(said) });
    } catch {
      // The service asks again, with the same id.
    }
  }

  rest() {
    this.woken = new Promise((resolve) => {
      this.wake = () => {
        resolve();
        this.rest();
      };
    });
  }
}
