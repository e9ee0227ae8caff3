// Points in a plane, and nodes of a network with its links. Few are drawn round, many square.
import { css } from "./palette.js";

const ROUND = 4000;
const REACH = 12;

class Points {
  constructor(scene, palette) {
    Object.assign(this, { scene, palette });
  }

  draw(pen, columns) {
    this.background(pen, columns);
    if (!this.scene.shown.agents) return;
    const count = this.count(columns);
    const radius = this.radius(count);
    for (const [colour, rows] of this.byColour(columns, count)) {
      pen.fillStyle = colour;
      this.dots(pen, columns, rows, radius, count <= ROUND);
    }
  }

  background() {}

  radius(count) {
    const { width, height } = this.size;
    return Math.min(0.022 * Math.max(width, height), Math.max(0.0035 * Math.max(width, height), 0.32 * Math.sqrt((width * height) / Math.max(count, 1))));
  }

  /** One fill for each colour: setting a colour costs more than drawing a dot. */
  byColour(columns, count) {
    const tone = this.scene.tone(columns);
    const mark = this.scene.mark(columns);
    const alive = this.scene.alive(columns);
    const colours = tone.isRamp ? this.palette.ramp : this.palette.choices;
    const found = new Map();
    for (let row = 0; row < count; row += 1) {
      if (!alive(row)) continue;
      const colour = css(colours[tone.of(row)], mark(row) ? 1 : 0.45);
      if (!found.has(colour)) found.set(colour, []);
      found.get(colour).push(row);
    }
    return found;
  }

  dots(pen, columns, rows, radius, round) {
    const sizes = this.scene.values(columns, this.scene.layer.size);
    const most = sizes ? this.scene.range(sizes, this.scene.layer.size)[1] || 1 : 1;
    pen.beginPath();
    for (const row of rows) {
      const { x, y } = this.where(row, columns);
      const r = sizes ? radius * (0.4 + 1.2 * Math.sqrt(Math.max(sizes[row], 0) / most)) : radius;
      if (round) {
        pen.moveTo(x + r, y);
        pen.arc(x, y, r, 0, 2 * Math.PI);
      } else pen.rect(x - r, y - r, 2 * r, 2 * r);
    }
    pen.fill();
  }

  /** The nearest agent within reach; `scale` is how many pixels a unit has. */
  at(x, y, columns, scale) {
    let [nearest, best] = [-1, (REACH / scale) ** 2];
    const alive = this.scene.alive(columns);
    for (let row = 0; row < this.count(columns); row += 1) {
      const place = alive(row) && this.where(row, columns);
      const distance = place ? (place.x - x) ** 2 + (place.y - y) ** 2 : Infinity;
      if (distance < best) [nearest, best] = [row, distance];
    }
    return nearest;
  }
}

export class Plane extends Points {
  constructor(scene, palette) {
    super(scene, palette);
    this.size = { width: scene.space.width, height: scene.space.height };
  }

  count(columns) {
    return this.scene.values(columns, "x")?.length ?? 0;
  }

  where(row, columns) {
    const x = this.scene.values(columns, "x");
    const y = this.scene.values(columns, "y");
    if (!x || row >= x.length) return null;
    return { x: this.scene.number("x", x[row]), y: this.scene.number("y", y[row]), radius: 2 * this.radius(x.length) };
  }
}

const FIELD = 1000;

export class Network extends Points {
  constructor(scene, palette) {
    super(scene, palette);
    this.size = { width: FIELD, height: FIELD };
    this.positions = scene.space.positions; // x, y, x, y … from 0 to 1
  }

  count(columns) {
    return this.scene.values(columns, "place")?.length ?? this.scene.values(columns, this.scene.layer.color)?.length ?? this.positions.length / 2;
  }

  where(row, columns) {
    const node = this.scene.values(columns, "place")?.[row] ?? row;
    return this.spot(node);
  }

  spot(node) {
    if (2 * node >= this.positions.length) return { x: 0, y: 0, radius: 0 };
    return { x: FIELD * (0.04 + 0.92 * this.positions[2 * node]), y: FIELD * (0.04 + 0.92 * this.positions[2 * node + 1]), radius: 18 };
  }

  background(pen, columns) {
    if (!this.scene.shown.links) return;
    if (!this.web || this.drawn !== columns.linksChanged) this.web = this.threads(columns);
    this.drawn = columns.linksChanged;
    const links = columns.links.size || (this.scene.space.links ?? []).length / 2;
    pen.strokeStyle = css(this.palette.ink, links > 3000 ? 0.12 : 0.3);
    pen.lineWidth = 1.2;
    pen.stroke(this.web);
  }

  threads(columns) {
    const web = new Path2D();
    const join = (a, b) => {
      const [from, to] = [this.spot(a), this.spot(b)];
      web.moveTo(from.x, from.y);
      web.lineTo(to.x, to.y);
    };
    const fixed = this.scene.space.links ?? [];
    if (columns.links.size || !fixed.length) for (const [a, b] of columns.links.values()) join(a, b);
    else for (let i = 0; i < fixed.length; i += 2) join(fixed[i], fixed[i + 1]);
    return web;
  }
}
