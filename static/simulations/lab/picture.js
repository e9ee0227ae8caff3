// The picture of a step on a canvas: zoom, pan, what lies under the pointer, who is chosen.
import { gridOf } from "./grid.js";
import { css } from "./palette.js";
import { Network, Plane } from "./plane.js";

const DRAWINGS = { grid: gridOf, network: (...of) => new Network(...of), continuous: (...of) => new Plane(...of) };
const MOST_ZOOM = 40;
const NUDGE = 40;

/** The same play of a crowd without a space: everybody has a square. */
function withSpace(scene, columns) {
  if (DRAWINGS[scene.space.kind]) return scene;
  const many = columns.byNumber[0]?.length ?? 1;
  const width = Math.max(1, Math.ceil(Math.sqrt(many)));
  const values = (held, name) => (name === "place" ? Uint32Array.from({ length: held.byNumber[0]?.length ?? 0 }, (_, row) => row) : scene.values(held, name));
  return Object.assign(Object.create(scene), { space: { kind: "grid", width, height: Math.max(1, Math.ceil(many / width)) }, values });
}

export class Picture {
  /** @param {HTMLElement} stage holds the canvas and the buttons; `onPoint(row, x, y)`, `onPick(row)` */
  constructor(stage, scene, palette, { onPoint, onPick }) {
    Object.assign(this, { stage, scene, palette, onPoint, onPick, zoom: 1, x: 0, y: 0, chosen: -1, columns: null });
    this.canvas = stage.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    new ResizeObserver(() => this.fit()).observe(stage);
    this.bind();
  }

  bind() {
    const { canvas } = this;
    const act = { in: () => this.scale(1.5), out: () => this.scale(1 / 1.5), whole: () => this.whole() };
    for (const button of this.stage.querySelectorAll("[data-zoom]")) button.addEventListener("click", act[button.dataset.zoom]);
    this.stage.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("wheel", (event) => (event.ctrlKey || event.shiftKey) && this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointerleave", () => this.onPoint(-1, 0, 0));
  }

  key(event) {
    const act = { "+": () => this.scale(1.5), "=": () => this.scale(1.5), "-": () => this.scale(1 / 1.5), 0: () => this.whole(), ArrowLeft: () => this.pan(NUDGE, 0), ArrowRight: () => this.pan(-NUDGE, 0), ArrowUp: () => this.pan(0, NUDGE), ArrowDown: () => this.pan(0, -NUDGE) };
    if (event.target !== this.stage.querySelector("[data-field]") || event.ctrlKey || event.metaKey || !act[event.key]) return;
    event.preventDefault();
    act[event.key]();
  }

  /** Draw the columns of a step; without any, the last ones anew. */
  draw(columns = this.columns) {
    if (!columns) return;
    this.columns = columns;
    if (!this.drawing) this.begin();
    const { pen, canvas } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = css(this.palette.empty);
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.setTransform(this.unit * this.zoom, 0, 0, this.unit * this.zoom, this.x, this.y);
    this.drawing.draw(pen, columns);
    this.ring();
  }

  begin() {
    const scene = withSpace(this.scene, this.columns);
    this.drawing = DRAWINGS[scene.space.kind](scene, this.palette);
    this.fit();
  }

  /** The canvas has as many pixels as the screen shows of it, in the space's own shape. */
  fit() {
    if (!this.drawing) return;
    const { width, height } = this.drawing.size;
    const most = Math.max(160, Math.min(innerHeight * 0.72, 900));
    const wide = Math.min(this.canvas.parentElement.clientWidth - 26, most * (width / height));
    const ratio = devicePixelRatio || 1;
    const [w, h] = [Math.round(wide * ratio), Math.round((wide / width) * height * ratio)];
    if (w === this.canvas.width && h === this.canvas.height) return;
    Object.assign(this.canvas, { width: w, height: h });
    Object.assign(this, { unit: w / width, ratio });
    this.whole();
  }

  /** Around whom was chosen. */
  ring() {
    const place = this.chosen >= 0 && this.drawing.where(this.chosen, this.columns);
    if (!place) return;
    const thin = 2 / (this.unit * this.zoom);
    for (const [colour, width] of [[this.palette.empty, 3 * thin], [this.palette.ink, thin]]) {
      this.pen.strokeStyle = css(colour);
      this.pen.lineWidth = width * this.ratio;
      this.pen.beginPath();
      this.pen.arc(place.x, place.y, Math.max(place.radius, 7 * thin), 0, 2 * Math.PI);
      this.pen.stroke();
    }
  }

  choose(row) {
    this.chosen = row;
    this.draw();
  }

  whole() {
    this.zoom = 1;
    this.put(0, 0);
  }

  scale(factor, x = this.canvas.width / 2, y = this.canvas.height / 2) {
    const zoom = Math.min(Math.max(this.zoom * factor, 1), MOST_ZOOM);
    const change = zoom / this.zoom;
    this.zoom = zoom;
    this.put(x - (x - this.x) * change, y - (y - this.y) * change);
  }

  pan(x, y) {
    this.put(this.x + x * this.ratio, this.y + y * this.ratio);
  }

  /** Never so far that the canvas shows what lies outside. */
  put(x, y) {
    const { canvas, zoom } = this;
    this.x = Math.min(0, Math.max(x, canvas.width * (1 - zoom)));
    this.y = Math.min(0, Math.max(y, canvas.height * (1 - zoom)));
    this.stage.toggleAttribute("data-zoomed", zoom > 1);
    this.draw();
  }

  wheel(event) {
    event.preventDefault();
    const { x, y } = this.pixel(event);
    this.scale(event.deltaY < 0 ? 1.2 : 1 / 1.2, x, y);
  }

  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * this.canvas.width, y: ((event.clientY - box.top) / box.height) * this.canvas.height };
  }

  under(event) {
    if (!this.drawing) return -1;
    const { x, y } = this.pixel(event);
    const scale = this.unit * this.zoom;
    return this.drawing.at((x - this.x) / scale, (y - this.y) / scale, this.columns, scale / this.ratio);
  }

  grab(event) {
    this.held = { x: event.clientX, y: event.clientY, moved: false };
    if (this.zoom > 1) this.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (this.held && this.zoom > 1) {
      this.held.moved ||= Math.hypot(event.clientX - this.held.x, event.clientY - this.held.y) > 4;
      if (this.held.moved) this.pan(event.movementX, event.movementY);
    } else if (event.pointerType !== "touch") this.onPoint(this.under(event), event.offsetX, event.offsetY);
  }

  release(event) {
    const { held } = this;
    this.held = null;
    if (!held || held.moved) return;
    const row = this.under(event);
    if (row >= 0) this.onPick(row);
  }

  /** The picture as PNG. @returns {Promise<Blob>} */
  file() {
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/png"));
  }
}
