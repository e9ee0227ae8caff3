// A second play beside the first: the same step of both, and how far their numbers are apart.
import { inWords } from "./charts.js";

export class Compare {
  constructor(root, pane, mine) {
    Object.assign(this, { root, pane, mine });
    this.rows = [...root.querySelectorAll("[data-metric]")];
  }

  async start() {
    if (await this.pane.meet(() => {})) await this.pane.past();
  }

  /** A step that the other play does not have leaves its last picture, and says so in the numbers. */
  async show(step) {
    await this.pane.show(Math.min(step, Math.max(this.pane.numbers.length - 1, 0)));
    for (const row of this.rows) this.line(row, step);
  }

  line(row, step) {
    const { metric, unit } = row.dataset;
    const [mine, theirs] = [this.mine.of(metric)[step], this.pane.numbers.of(metric)[step]];
    row.querySelector("[data-mine]").textContent = inWords(mine, unit);
    row.querySelector("[data-theirs]").textContent = inWords(theirs, unit);
    const apart = mine === undefined || theirs === undefined ? undefined : mine - theirs;
    row.querySelector("[data-apart]").textContent = apart === undefined ? "–" : `${apart > 0 ? "+" : ""}${inWords(apart, unit)}`;
  }
}
