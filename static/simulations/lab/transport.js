// Which step is shown: follows the newest, or goes where the reader goes. Draws at most once per frame of the screen.
export class Transport {
  /** `show(step)` draws a step and answers whether there was one. With `still` nothing moves by itself. */
  constructor(element, show, { still }) {
    Object.assign(this, { element, show, shown: 0, newest: 0, following: !still, replaying: false, waiting: false, blank: true });
    this.scrubber = element.querySelector("[data-scrubber]");
    this.output = element.querySelector("[data-shown]");
    this.speed = element.querySelector("[data-speed]");
    this.skip = element.querySelector("[data-skip]");
    this.loop = element.querySelector("[data-loop]");
    this.marks = element.querySelector("[data-marks]");
    this.bind();
  }

  bind() {
    const go = { first: () => this.to(0), back10: () => this.to(this.shown - 10), back: () => this.to(this.shown - 1), forward: () => this.to(this.shown + 1), forward10: () => this.to(this.shown + 10), newest: () => this.follow(), play: () => this.toggle() };
    for (const button of this.element.querySelectorAll("[data-go]")) button.addEventListener("click", go[button.dataset.go]);
    this.scrubber.addEventListener("input", () => this.to(Number(this.scrubber.value)));
    this.speed.addEventListener("change", () => this.replaying && this.schedule());
  }

  /** A newer step is there to be seen. */
  grow(newest) {
    this.newest = Math.max(this.newest, newest);
    this.scrubber.max = this.newest;
    this.element.hidden = false;
    this.placeMarks();
    if (this.following) this.ask(this.newest);
    else if (this.blank) this.ask(this.start ?? 0);
    else this.describe();
  }

  to(step) {
    this.stop();
    this.following = false;
    this.ask(Math.min(Math.max(step, 0), this.newest));
  }

  follow() {
    this.stop();
    this.following = true;
    this.ask(this.newest);
  }

  toggle() {
    if (this.replaying) return this.stop();
    this.following = false;
    this.replaying = true;
    this.ask(this.shown >= this.newest ? 0 : this.shown);
    this.schedule();
    return undefined;
  }

  stop() {
    clearInterval(this.timer);
    this.replaying = false;
    this.describe();
  }

  schedule() {
    clearInterval(this.timer);
    this.timer = setInterval(() => this.next(), 1000 / Number(this.speed.value));
  }

  next() {
    if (this.waiting) return; // a slow picture is not hurried: the film waits for it
    if (this.shown < this.newest) this.ask(Math.min(this.shown + Number(this.skip.value), this.newest));
    else if (this.loop.checked) this.ask(0);
    else this.stop();
  }

  ask(step) {
    this.wanted = step;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.turn());
  }

  async turn() {
    const step = this.wanted;
    try {
      if (await this.show(step)) Object.assign(this, { shown: step, blank: false });
    } finally {
      this.waiting = false;
    }
    this.describe();
    if (this.wanted !== step) this.ask(this.wanted);
  }

  /** Marks above the scrubber. @param {{step: number, kind: string, label: string}[]} marks */
  mark(marks) {
    this.marked = marks;
    this.marks.replaceChildren(
      ...marks.map(({ step, kind, label }) => {
        const button = Object.assign(document.createElement("button"), { type: "button", title: `step ${step}: ${label}` });
        button.dataset.kind = kind;
        button.append(Object.assign(document.createElement("span"), { className: "sr", textContent: `Go to step ${step}: ${label}` }));
        button.addEventListener("click", () => this.to(step));
        return button;
      }),
    );
    this.placeMarks();
  }

  placeMarks() {
    const most = Math.max(this.newest, 1);
    (this.marked ?? []).forEach(({ step }, i) => this.marks.children[i].style.setProperty("--at", Math.min(step / most, 1)));
  }

  describe() {
    this.scrubber.value = this.shown;
    this.scrubber.setAttribute("aria-valuetext", `step ${this.shown} of ${this.newest}`);
    this.output.textContent = `step ${this.shown}`;
    const play = this.element.querySelector('[data-go="play"]');
    play.setAttribute("aria-pressed", String(this.replaying));
    play.querySelector('[data-icon="play"]').hidden = this.replaying;
    play.querySelector('[data-icon="pause"]').hidden = !this.replaying;
    this.element.querySelector('[data-go="newest"]').setAttribute("aria-pressed", String(this.following));
  }
}
