// The live run page. The server renders the story; this file streams text into it, asks for a fresh rendering when something
// other than text happened, and says state changes to screen readers.
import { connect } from "./live.js";

const SOON_MS = 200;
const QUEUE_SECONDS = 5; // nothing tells a queued run that others have begun
const ENDED = new Set(["succeeded", "failed", "cancelled", "timed_out", "over_budget"]);

class RunPage {
  constructor(root) {
    Object.assign(this, { root, texts: [], timer: null, busy: false, again: false, seconds: 0 });
    this.shown = Number(root.dataset.seq);
    this.line = root.querySelector("[data-connection]");
    this.said = root.querySelector("[data-announce]");
    this.jump = root.querySelector("[data-jump]");
    this.jump?.addEventListener("click", () => this.toLatest());
    this.clock = setInterval(() => this.tick(), 1000);
    if (!this.ended) this.watch();
  }

  get ended() { return ENDED.has(this.root.querySelector("[data-status]")?.dataset.status); }

  watch() {
    this.live = connect(this.root.dataset.socket);
    this.live.onState((state) => this.showConnection(state));
    this.live.subscribe(this.root.dataset.topic, this.shown, (message) => this.heard(message), { poll: async () => this.poll() });
  }

  heard(message) {
    if (message.type === "error") return void (this.line.textContent = message.detail);
    if (message.type === "run.output") this.stream(message);
    else this.refreshSoon();
    return undefined;
  }

  stream(message) {
    this.texts.push(message);
    if (!this.append(message) || message.data.restart) this.refreshSoon(); // what had come is void
    this.offerJump();
  }

  append({ data }) {
    const card = this.root.querySelector(`[data-task="${CSS.escape(data.task)}"] [data-stream]`);
    card?.append(data.text);
    return Boolean(card);
  }

  refreshSoon() {
    this.timer ??= setTimeout(() => this.refresh(), SOON_MS);
  }

  async poll() {
    await this.refresh();
    return [];
  }

  async refresh() {
    this.timer = null;
    if (this.busy) return void (this.again = true);
    this.busy = true;
    try {
      const answer = await fetch(this.root.dataset.story, { headers: { "X-Requested-With": "fetch" } });
      if (answer.ok) this.show(await answer.text());
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // offline; the connection line says so
    } finally {
      this.busy = false;
    }
    if (this.again) {
      this.again = false;
      this.refreshSoon();
    }
    return undefined;
  }

  show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const seq = Number(fresh.querySelector("[data-rendered-seq]").dataset.renderedSeq);
    if (seq < this.shown) return;
    this.shown = seq;
    for (const part of fresh.querySelectorAll("[data-part]")) this.place(part);
    this.texts = this.texts.filter((message) => message.seq > seq);
    for (const message of this.texts) this.append(message);
    this.announce();
    this.offerJump();
    if (this.ended) this.finish();
  }

  /** Put a freshly rendered part where the old one stands, with what the reader has opened left open. */
  place(part) {
    const old = document.getElementById(part.id);
    if (!old) return;
    const fresh = document.importNode(part, true);
    const open = new Set([...old.querySelectorAll("details[open]:not([data-auto])")].map((item) => item.id));
    for (const item of fresh.querySelectorAll("details")) if (open.has(item.id)) item.open = true;
    const focused = document.activeElement?.id;
    if (old.isEqualNode(fresh)) return;
    old.replaceWith(fresh);
    if (focused && !document.activeElement?.id) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  announce() {
    const sentence = this.root.querySelector("[data-sentence]")?.dataset.sentence;
    if (sentence && this.said.textContent !== sentence) this.said.textContent = sentence;
  }

  finish() {
    this.live?.close();
    clearInterval(this.clock);
    this.line.textContent = "Finished; nothing more will come.";
    this.line.dataset.state = "ended";
    if (this.jump) this.jump.hidden = true;
  }

  showConnection({ state, resumedFrom, reason }) {
    this.line.dataset.state = state;
    this.line.textContent = {
      connecting: "Connecting …",
      live: resumedFrom ? `Live, resumed from event ${resumedFrom}` : "Live",
      reconnecting: "Reconnecting …",
      polling: "No live connection; updating every 5 seconds",
      refused: `${reason} Reload the page to go on.`,
    }[state];
  }

  /** Offer the way to the running task when it is out of sight; never scroll by itself. */
  offerJump() {
    if (!this.jump) return;
    const card = this.root.querySelector('[data-state="running"]');
    const place = card?.getBoundingClientRect();
    this.jump.hidden = this.ended || !place || (place.top < innerHeight && place.bottom > 0);
  }

  toLatest() {
    this.jump.hidden = true;
    this.root.querySelector('[data-state="running"]')?.scrollIntoView({ block: "center" });
  }

  tick() {
    if (++this.seconds % QUEUE_SECONDS === 0 && this.root.querySelector('[data-status="queued"]')) this.refreshSoon();
    for (const field of this.root.querySelectorAll("[data-elapsed-since]")) {
      const seconds = Math.max(0, Math.round((Date.now() - Date.parse(field.dataset.elapsedSince)) / 1000));
      field.textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    }
  }
}

for (const root of document.querySelectorAll("[data-run]")) new RunPage(root);
