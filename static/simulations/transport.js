// Which step is shown: follows the newest, or goes where the reader goes. Draws at most once per frame of the screen.
export class Transport {
  /** `show(step)` draws a step and answers whether there was one. */
  constructor(element, show, { still }) {
    Object.assign(this, { element, show, shown: 0, newest: 0, following: !still, replaying: false, waiting: false, blank: true });
    this.scrubber = element.querySelector("[data-scrubber]");
    this.output = element.querySelector("[data-shown]");
    this.speed = element.querySelector("[data-speed]");
    this.bind();
  }

  bind() {
    const go = { first: () => this.to(0), back: () => this.to(this.shown - 1), forward: () => this.to(this.shown + 1), newest: () => this.follow(), play: () => this.toggle() };
    for (const button of this.element.querySelectorAll("[data-go]")) button.addEventListener("click", go[button.dataset.go]);
    this.scrubber.addEventListener("input", () => this.to(Number(this.scrubber.value)));
    this.speed.addEventListener("change", () => this.replaying && this.schedule());
  }

  /** A newer step is there to be seen. */
  grow(newest) {
    this.newest = Math.max(this.newest, newest);
    this.scrubber.max = this.newest;
    this.element.hidden = false;
    if (this.following) this.ask(this.newest);
    else if (this.blank) this.ask(0);
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
    this.timer = setInterval(() => (this.shown < this.newest ? this.ask(this.shown + 1) : this.stop()), 1000 / Number(this.speed.value));
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
