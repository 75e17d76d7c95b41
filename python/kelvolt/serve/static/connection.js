// The WebSocket to the server. A change is sent at once; while its answer is awaited, only the latest value of each
// path waits, so that a slider never falls behind.

export class Connection {
  constructor(handle, tell) {
    this.handle = handle; // by type of message
    this.tell = tell; // state of the connection as text
    this.asked = 0;
    this.open = false;
    this.flying = null; // the ask of a change whose answer is awaited
    this.waiting = null; // the next change
    this.tab = "";
    try { this.tab = sessionStorage.getItem("kelvolt-tab") || ""; } catch { /* a frame may refuse storage */ }
    this.connect();
  }

  connect() {
    const address = new URL("talk", location.href);
    address.protocol = "ws:";
    if (this.tab) address.searchParams.set("tab", this.tab);
    this.socket = new WebSocket(address);
    this.socket.onopen = () => { this.open = true; this.flying = this.waiting = null; this.tell(""); };
    this.socket.onmessage = (event) => this.take(JSON.parse(event.data));
    this.socket.onclose = () => {
      this.open = false;
      this.tell("The server has ended or cannot be reached; this page tries again.");
      setTimeout(() => this.connect(), 1500);
    };
  }

  take(message) {
    if (message.type === "hello") {
      this.tab = message.tab;
      try { sessionStorage.setItem("kelvolt-tab", this.tab); } catch { /* only for a reload */ }
    }
    if (this.flying !== null && message.ask === this.flying && (message.type === "answer" || message.type === "error")) {
      this.flying = null;
      if (this.waiting) {
        const next = this.waiting;
        this.waiting = null;
        this.change(next);
      }
    }
    this.handle[message.type]?.(message);
  }

  /** Asks for anything; returns the number of the ask. */
  send(message) {
    if (!this.open) return 0;
    this.asked += 1;
    this.socket.send(JSON.stringify({ ...message, ask: this.asked }));
    return this.asked;
  }

  /** Sets values; of those that come while a solve goes on, the latest wins. */
  change(message) {
    if (this.flying !== null) {
      this.waiting = { ...message, values: { ...this.waiting?.values, ...message.values } };
      return;
    }
    this.flying = this.send({ ...message, do: "set" }) || null;
  }
}
