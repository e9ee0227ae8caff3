// Grids: one pixel per cell, enlarged without smoothing. Hexagons are drawn as such; very many of them as bricks, which touch
// the same six neighbours. Even rows lie half a cell to the right, as the engine has them.
import { css } from "./palette.js";

const MOST_HEXAGONS = 12000;
const TALL = 2 / Math.sqrt(3); // of a hexagon that is 1 wide and stands on a corner
const LINE = 0.75 * TALL; // from one row of them to the next
const CORNERS = [[0, -0.5 * TALL], [0.5, -0.25 * TALL], [0.5, 0.25 * TALL], [0, 0.5 * TALL], [-0.5, 0.25 * TALL], [-0.5, -0.25 * TALL]];

/** A drawing of a space answers `size` (its own units), `draw(pen, columns)`, `at(x, y, columns)` → row or -1. */
class Grid {
  constructor(scene, palette) {
    Object.assign(this, { scene, palette });
    const { width, height, hex } = scene.space;
    Object.assign(this, { width, height, hex, unit: hex ? 2 : 1 });
    this.size = { width: hex ? width + 0.5 : width, height };
    this.sheet = Object.assign(document.createElement("canvas"), { width: this.unit * this.size.width, height: this.unit * height });
    this.pen = this.sheet.getContext("2d");
    this.image = this.pen.createImageData(this.sheet.width, this.sheet.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  draw(pen, columns) {
    this.paint(columns);
    this.pen.putImageData(this.image, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.sheet, 0, 0, this.size.width, this.size.height);
  }

  paint(columns) {
    const { scene, palette: { words } } = this;
    const places = scene.values(columns, "place");
    this.pixels.fill(words.empty);
    if (!places || !scene.shown.agents) return;
    const tone = scene.tone(columns);
    const full = tone.isRamp ? words.ramp : words.choices;
    const pale = tone.isRamp ? words.paleRamp : words.pale;
    const mark = scene.mark(columns);
    const alive = scene.alive(columns);
    for (let row = 0; row < places.length; row += 1) {
      if (alive(row)) this.cell(places[row], (mark(row) ? full : pale)[tone.of(row)]);
    }
  }

  cell(place, word) {
    if (!this.hex) {
      this.pixels[place] = word;
      return;
    }
    const y = Math.floor(place / this.width);
    const x = 2 * (place % this.width) + (1 - (y & 1));
    const first = 2 * y * this.sheet.width + x;
    this.pixels.fill(word, first, first + 2);
    this.pixels.fill(word, first + this.sheet.width, first + this.sheet.width + 2);
  }

  at(x, y, columns) {
    const line = Math.floor(y);
    const column = Math.floor(this.hex && !(line & 1) ? x - 0.5 : x);
    if (column < 0 || line < 0 || column >= this.width || line >= this.height) return -1;
    return this.who(columns).get(line * this.width + column) ?? -1;
  }

  /** Place → row, made when somebody points at the step that is shown. */
  who(columns) {
    if (this.pointed !== columns.step || !this.rows) {
      const places = this.scene.values(columns, "place") ?? [];
      const alive = this.scene.alive(columns);
      this.rows = new Map();
      for (let row = 0; row < places.length; row += 1) if (alive(row)) this.rows.set(places[row], row);
      this.pointed = columns.step;
    }
    return this.rows;
  }

  /** Where an agent is, in the space's own units. */
  where(row, columns) {
    const place = this.scene.values(columns, "place")?.[row];
    if (place === undefined) return null;
    const y = Math.floor(place / this.width);
    return { x: (place % this.width) + 0.5 + (this.hex && !(y & 1) ? 0.5 : 0), y: y + 0.5, radius: 0.8 };
  }
}

/** Few enough hexagons to be drawn with their corners; a colour is filled at once. */
class Hexagons extends Grid {
  constructor(scene, palette) {
    super(scene, palette);
    this.size = { width: this.width + 0.5, height: LINE * (this.height - 1) + TALL };
  }

  draw(pen, columns) {
    const places = this.scene.values(columns, "place");
    if (!places || !this.scene.shown.agents) return;
    for (const [colour, rows] of this.byColour(columns, places.length)) {
      pen.fillStyle = colour;
      pen.beginPath();
      for (const row of rows) this.hexagon(pen, this.middle(places[row]));
      pen.fill();
    }
  }

  byColour(columns, count) {
    const { scene, palette } = this;
    const [tone, mark, alive] = [scene.tone(columns), scene.mark(columns), scene.alive(columns)];
    const colours = tone.isRamp ? palette.ramp : palette.choices;
    const found = new Map();
    for (let row = 0; row < count; row += 1) {
      if (!alive(row)) continue;
      const colour = css(colours[tone.of(row)], mark(row) ? 1 : 0.42);
      if (!found.has(colour)) found.set(colour, []);
      found.get(colour).push(row);
    }
    return found;
  }

  hexagon(pen, { x, y }) {
    CORNERS.forEach(([dx, dy], corner) => (corner ? pen.lineTo(x + 0.97 * dx, y + 0.97 * dy) : pen.moveTo(x + 0.97 * dx, y + 0.97 * dy)));
    pen.closePath();
  }

  middle(place) {
    const y = Math.floor(place / this.width);
    return { x: (place % this.width) + (y & 1 ? 0.5 : 1), y: 0.5 * TALL + LINE * y };
  }

  /** Of the cells whose middles are near, the nearest. */
  at(x, y, columns) {
    const about = Math.round((y - 0.5 * TALL) / LINE);
    let [nearest, best] = [-1, 0.25 * TALL * TALL];
    for (const line of [about - 1, about, about + 1]) {
      const column = Math.round(x - (line & 1 ? 0.5 : 1));
      if (line < 0 || column < 0 || line >= this.height || column >= this.width) continue;
      const middle = this.middle(line * this.width + column);
      const distance = (middle.x - x) ** 2 + (middle.y - y) ** 2;
      if (distance < best) [nearest, best] = [line * this.width + column, distance];
    }
    return nearest < 0 ? -1 : (this.who(columns).get(nearest) ?? -1);
  }

  where(row, columns) {
    const place = this.scene.values(columns, "place")?.[row];
    return place === undefined ? null : { ...this.middle(place), radius: 0.7 };
  }
}

/** The drawing of a grid: its cells are squares, hexagons or, where there are too many, bricks. */
export function gridOf(scene, palette) {
  const { hex, width, height } = scene.space;
  return new (hex && width * height <= MOST_HEXAGONS ? Hexagons : Grid)(scene, palette);
}
