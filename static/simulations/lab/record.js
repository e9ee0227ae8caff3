// What stands on record of a play: who decided, what was done from outside, notes; marks of it on the scrubber; what was spent.
import { made } from "./door.js";

const MOST_MARKS = 60;
const REFRESH_MS = 2000;

export class Record {
  constructor(root, door, transport) {
    Object.assign(this, { root, door, transport });
    this.asked = [...document.querySelectorAll("[data-answer]")].map((form) => form.dataset.answer).sort().join();
    this.note = root.querySelector("[data-note]");
    this.note?.addEventListener("submit", (event) => this.keep(event));
    for (const link of root.querySelectorAll("[data-to]")) this.lead(link, Number(link.dataset.to));
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  lead(link, step) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.transport.to(step);
    });
  }

  /** Read it all anew; often asked for, done at most every two seconds. */
  async read() {
    if (this.reading) return void (this.again = true);
    this.reading = true;
    const found = await this.door.ask("GET", "happenings/");
    if (found) this.show(found);
    setTimeout(() => {
      this.reading = false;
      if (this.again) this.read();
      this.again = false;
    }, REFRESH_MS);
    return undefined;
  }

  show({ events, notes }) {
    const thinned = events.filter((_, i) => i % Math.ceil(events.length / MOST_MARKS || 1) === 0);
    this.transport.mark([...thinned.map(({ step, kind, text }) => ({ step, kind, label: text })), ...notes.map(({ step, note }) => ({ step, kind: "note", label: note }))]);
    this.list("events", events, ({ text, by }) => `${text} ${by}`);
    this.list("notes", notes, ({ note, made_by: by }) => `${note} ${by}`);
  }

  list(name, lines, words) {
    const box = this.part(name);
    if (!lines.length) return;
    box.replaceChildren(
      ...lines.map((line) => {
        const item = made("li");
        const link = made("button", `step ${line.step}`, { type: "button", className: "num" });
        this.lead(link, line.step);
        item.append(link, ` ${words(line)}`);
        return item;
      }),
    );
  }

  async keep(event) {
    event.preventDefault();
    const { note, step } = this.note.elements;
    const kept = await this.door.ask("POST", "bookmarks/", { step: Number(step.value), note: note.value });
    if (!kept) return;
    note.value = "";
    this.read();
  }

  /** The figures of who decided and what was spent, as a status brings them. */
  enter({ decisions, fallbacks, refused, spent, waiting }) {
    for (const part of this.root.querySelectorAll("[data-source]")) part.textContent = (decisions?.[part.dataset.source] ?? part.textContent).toLocaleString("en");
    if (fallbacks !== undefined) this.part("fallbacks").textContent = fallbacks.toLocaleString("en");
    if (refused !== undefined) this.part("refused").textContent = refused.toLocaleString("en");
    for (const [name, used] of Object.entries(spent ?? {})) {
      const shown = this.part(`used="${name}"`);
      if (shown) shown.textContent = used;
      if (shown) this.part(`spent="${name}"`).value = used;
    }
    const now = waiting && waiting.map(({ agent, step }) => `${agent}:${step}`).sort().join();
    if (now && now !== this.asked) location.reload(); // somebody is asked: the page brings the form
  }
}
