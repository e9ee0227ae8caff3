// All agents at the step shown, as a table that can be searched and sorted: the way to an agent without a pointer.
import { made } from "./door.js";

const MOST_ROWS = 100;
const HIDDEN = new Set(["alive", "archetype"]);

export class Agents {
  constructor(root, scene, onPick) {
    Object.assign(this, { root, scene, onPick, columns: null, order: { name: "", falling: false }, chosen: -1 });
    this.names = scene.columns.map(({ name }) => name).filter((name) => !HIDDEN.has(name));
    this.search = root.querySelector("[data-search]");
    this.body = root.querySelector("[data-rows]");
    this.search.addEventListener("input", () => this.draw());
    this.head();
  }

  head() {
    const cells = [["", "Agent"], ...this.names.map((name) => [name, this.scene.column(name).label])].map(([name, label]) => {
      const cell = made("th", "", { scope: "col" });
      const button = made("button", label, { type: "button" });
      button.addEventListener("click", () => this.sort(name, button));
      cell.append(button);
      return cell;
    });
    this.root.querySelector("[data-columns]").replaceChildren(...cells);
  }

  sort(name, button) {
    this.order = { name, falling: this.order.name === name && !this.order.falling };
    for (const cell of this.root.querySelectorAll("[data-columns] th")) cell.removeAttribute("aria-sort");
    button.parentElement.setAttribute("aria-sort", this.order.falling ? "descending" : "ascending");
    this.draw();
  }

  /** Only while it is seen: a table of thousands costs more than the picture. */
  draw(columns = this.columns) {
    this.columns = columns;
    if (!columns || this.root.hidden) return;
    const rows = this.found();
    const shown = rows.slice(0, MOST_ROWS);
    this.root.querySelector("[data-found]").textContent = `${rows.length.toLocaleString("en")} agents${rows.length > MOST_ROWS ? `, the first ${MOST_ROWS} are shown` : ""}; step ${columns.step}`;
    const focus = document.activeElement?.dataset?.row;
    this.body.replaceChildren(...shown.map((row) => this.line(row)));
    if (focus) this.body.querySelector(`[data-row="${focus}"]`)?.focus();
  }

  found() {
    const { columns, scene } = this;
    const alive = scene.alive(columns);
    const many = columns.byNumber.reduce((most, values) => Math.max(most, values?.length ?? 0), 0);
    const wanted = this.search.value.trim().toLowerCase();
    const rows = [];
    for (let row = 0; row < many; row += 1) if (alive(row) && (!wanted || this.says(row).includes(wanted))) rows.push(row);
    const values = this.order.name && scene.values(columns, this.order.name);
    const sign = this.order.falling ? -1 : 1;
    return rows.sort((a, b) => sign * ((values ? values[a] - values[b] : 0) || a - b));
  }

  says(row) {
    return [this.scene.nameOf(row), ...this.names.map((name) => this.word(name, row))].join(" ").toLowerCase();
  }

  word(name, row) {
    const value = this.scene.values(this.columns, name)?.[row];
    return value === undefined ? "–" : this.scene.words(name, value);
  }

  line(row) {
    const line = made("tr");
    const first = made("th", "", { scope: "row" });
    const button = made("button", this.scene.nameOf(row), { type: "button" });
    button.dataset.row = row;
    button.addEventListener("click", () => this.onPick(row));
    first.append(button);
    line.append(first, ...this.names.map((name) => made("td", this.word(name, row), { className: "num" })));
    if (row === this.chosen) line.setAttribute("aria-current", "true");
    return line;
  }
}
