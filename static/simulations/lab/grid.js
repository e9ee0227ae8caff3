// Grids: one pixel per cell, enlarged without smoothing. Hexagons are laid as bricks, so that each cell touches its six neighbours.

/** A drawing of a space answers `size` (its own units), `draw(pen, columns)`, `at(x, y, columns)` → row or -1. */
export class Grid {
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
    const x = 2 * (place % this.width) + (y & 1);
    const first = 2 * y * this.sheet.width + x;
    this.pixels.fill(word, first, first + 2);
    this.pixels.fill(word, first + this.sheet.width, first + this.sheet.width + 2);
  }

  at(x, y, columns) {
    const line = Math.floor(y);
    const column = Math.floor(this.hex && line & 1 ? x - 0.5 : x);
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
    return { x: (place % this.width) + 0.5 + (this.hex && y & 1 ? 0.5 : 0), y: y + 0.5, radius: 0.8 };
  }
}
