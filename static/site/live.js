// One WebSocket per page, many topics. Every numbered message is handed over once, in order, across drops of the connection.
//
//   const live = connect(url);
//   live.onState(({ state, resumedFrom }) => …);          // connecting, live, reconnecting, polling, refused
//   live.subscribe("run:<id>", 412, (message) => …, { poll: async (after) => [message, …] });
//   live.onBinary((buffer) => …);                          // pictures of simulations

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15000;
const TRIES_BEFORE_POLLING = 3;
const POLL_MS = 5000;
const PING_MS = 25000;
const SILENCE_MS = 60000;
const CATCH_UP_MS = 750;
const ANSWERS = new Set(["subscribed", "pong"]);
const REFUSALS = { 4401: "You are signed out.", 4404: "This workspace is gone." };

const made = [];

/** `url` is the path of the workspace's socket, e.g. /w/acme/ws/. */
export function connect(url) {
  const address = new URL(url, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  made.push(new Live(address.href));
  return made.at(-1);
}

/** The connection that this page has already, or a new one. For what every page has, so that it adds no socket of its own. */
export function join(url) {
  return made.find((live) => !live.closed) ?? connect(url);
}

class Topic {
  constructor(name, after, handler, { poll = null, gapless = true } = {}) {
    Object.assign(this, { name, handler, poll, gapless, seen: after ?? 0, early: new Map(), askedAt: 0 });
  }

  /** Hand over `message`, and what came early and now fits; true when something before it is missing. Errors have no number. */
  take(message) {
    const { seq } = message;
    if (!seq) this.handler(message);
    else if (seq <= this.seen) return false;
    else if (!this.gapless || seq === this.seen + 1) this.deliver(message);
    else this.early.set(seq, message);
    return this.early.size > 0;
  }

  deliver(message) {
    this.seen = message.seq;
    this.handler(message);
    const next = this.early.get(this.seen + 1);
    this.early.delete(this.seen);
    if (next) this.deliver(next);
  }
}

class Live {
  constructor(address) {
    Object.assign(this, { address, topics: new Map(), watchers: [], binary: [], failures: 0, state: "connecting", closed: false });
    this.open();
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.revive());
  }

  subscribe(name, after, handler, options) {
    const topic = new Topic(name, after, handler, options);
    this.topics.set(name, topic);
    this.ask(topic);
    return () => this.unsubscribe(name);
  }

  unsubscribe(name) {
    this.topics.delete(name);
    this.send({ action: "unsubscribe", topic: name });
  }

  /** Ask for what may have been missed of a topic: the last message of all has none after it that would show the gap. */
  again(name) {
    const topic = this.topics.get(name);
    if (topic) this.ask(topic);
  }

  onState(watcher) {
    this.watchers.push(watcher);
    watcher({ state: this.state });
  }

  onBinary(handler) { this.binary.push(handler); }

  send(action) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(action));
  }

  close() {
    this.closed = true;
    this.stopTimers();
    this.socket?.close(1000);
  }

  // --- from here on, the page does not call

  open() {
    this.heardAt = Date.now();
    this.socket = new WebSocket(this.address);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.opened();
    this.socket.onmessage = ({ data }) => this.heard(data);
    this.socket.onclose = ({ code }) => this.dropped(code);
  }

  opened() {
    const again = this.failures > 0 || this.state !== "connecting";
    this.failures = 0;
    clearInterval(this.poller);
    this.poller = null;
    for (const topic of this.topics.values()) this.ask(topic);
    this.pinger = setInterval(() => this.checkPulse(), PING_MS);
    const [first] = this.topics.values();
    this.enter("live", again && first ? { resumedFrom: first.seen } : {});
  }

  checkPulse() {
    if (Date.now() - this.heardAt > SILENCE_MS) this.socket.close();
    else this.send({ action: "ping" });
  }

  ask(topic) {
    topic.askedAt = Date.now();
    this.send({ action: "subscribe", topic: topic.name, after: topic.seen });
  }

  heard(data) {
    this.heardAt = Date.now();
    if (typeof data !== "string") return this.binary.forEach((handler) => handler(data));
    const message = JSON.parse(data);
    const topic = ANSWERS.has(message.type) ? null : this.topics.get(message.topic);
    if (topic) this.pass(topic, message);
    return undefined;
  }

  pass(topic, message) {
    if (topic.take(message) && Date.now() - topic.askedAt > CATCH_UP_MS) this.ask(topic);
  }

  dropped(code) {
    this.stopTimers();
    if (this.closed) return;
    if (REFUSALS[code]) return void this.enter("refused", { reason: REFUSALS[code] });
    this.failures += 1;
    if (this.failures >= TRIES_BEFORE_POLLING) this.startPolling();
    else this.enter("reconnecting");
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.retry = setTimeout(() => this.open(), FIRST_WAIT_MS / 2 + Math.random() * longest);
  }

  hurry() {
    if (this.closed || this.state === "live" || this.state === "refused" || this.socket.readyState < WebSocket.CLOSING) return;
    clearTimeout(this.retry);
    this.open();
  }

  revive() {
    this.closed = false;
    this.failures = 1;
    this.open();
  }

  startPolling() {
    this.enter("polling");
    if (this.poller) return;
    this.poller = setInterval(() => this.pollAll(), POLL_MS);
    this.pollAll();
  }

  async pollAll() {
    for (const topic of this.topics.values()) {
      if (!topic.poll) continue;
      try {
        for (const message of await topic.poll(topic.seen)) topic.take(message);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the network is away; the next turn asks again
      }
    }
  }

  stopTimers() {
    clearInterval(this.pinger);
    clearTimeout(this.retry);
    if (this.closed) {
      clearInterval(this.poller);
      this.poller = null;
    }
  }

  enter(state, more = {}) {
    if (state === this.state && !more.resumedFrom) return;
    this.state = state;
    for (const watcher of this.watchers) watcher({ state, ...more });
  }
}
