// One play in one picture: its scene, its film, its numbers. The page has one, and a second one to compare with.
import { unpacked } from "./bytes.js";
import { Numbers } from "./charts.js";
import { made } from "./door.js";
import { Picture } from "./picture.js";
import { Reel } from "./reel.js";
import { Scene } from "./scene.js";

export class Pane {
  /** @param {HTMLElement} stage @param {{hello: string, frames: string, numbers: string}} doors */
  constructor(stage, doors, door, palette) {
    Object.assign(this, { stage, doors, door, palette, scene: null, numbers: new Numbers() });
    this.reel = new Reel((step) => this.fetch(step));
    this.tip = stage.querySelector("[data-tip]");
  }

  /** Learn what there is to see; false while nothing was played. `onPick(row)` when somebody is chosen. */
  async meet(onPick) {
    if (this.scene) return true;
    const found = await this.door.ask("GET", this.doors.hello, undefined, { quiet: true });
    if (!found?.columns) return false;
    this.scene = new Scene(found);
    this.picture = new Picture(this.stage, this.scene, this.palette, { onPoint: (row, x, y) => this.point(row, x, y), onPick });
    for (const part of this.stage.querySelectorAll("[data-scripted]")) part.hidden = false;
    return true;
  }

  async past() {
    this.numbers.read(await this.door.text(this.doors.numbers));
  }

  async fetch(step) {
    const found = await this.door.ask("GET", `${this.doors.frames}?from=${step}`);
    for (const frame of found?.frames ?? []) this.numbers.put(frame.step, frame.metrics);
    return (found?.frames ?? []).map(({ picture }) => unpacked(picture));
  }

  /** Draw a step; null where there is none. */
  async show(step) {
    const columns = this.scene && (await this.reel.show(step));
    if (!columns) return null;
    this.picture.draw(columns);
    this.stage.querySelector("[data-stage-note]").hidden = true;
    return columns;
  }

  point(row, x, y) {
    this.tip.hidden = row < 0;
    if (row < 0) return;
    const { scene, tip, picture: { canvas } } = this;
    const { columns } = this.reel;
    const lines = [scene.nameOf(row), ...scene.columns.filter(({ name }) => !["alive", "place", "archetype"].includes(name)).map(({ name, label }) => `${label}: ${scene.words(name, scene.values(columns, name)[row])}`)];
    tip.replaceChildren(...lines.map((line) => made("div", line)));
    tip.style.setProperty("--x", `${canvas.offsetLeft + Math.min(x + 14, canvas.clientWidth - tip.offsetWidth)}px`);
    tip.style.setProperty("--y", `${canvas.offsetTop + Math.max(y - tip.offsetHeight - 10, 0)}px`);
  }
}
