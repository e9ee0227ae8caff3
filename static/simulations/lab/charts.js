// Small charts of numbers by step, with a line at the step shown; and how a number spreads over the agents at that step.
const PAD = 4;
const LEFT = 44;
const BOTTOM = 14;
const DASHES = [[], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3]];
const BINS = 24;

/** All numbers of a play: name → array by step. */
export class Numbers {
  constructor() {
    this.series = new Map();
    this.length = 0;
  }

  put(step, metrics) {
    for (const [name, value] of Object.entries(metrics)) {
      if (!this.series.has(name)) this.series.set(name, []);
      this.series.get(name)[step] = value;
    }
    this.length = Math.max(this.length, step + 1);
  }

  of(name) {
    return this.series.get(name) ?? [];
  }

  at(step) {
    const found = {};
    for (const [name, values] of this.series) if (values[step] !== undefined) found[name] = values[step];
    return found;
  }

  /** @param {string} text the CSV of all steps */
  read(text) {
    const [head, ...lines] = text.trim().split("\r\n");
    const names = head.split(",");
    for (const line of lines) {
      const cells = line.split(",");
      names.forEach((name, i) => name !== "step" && name !== "digest" && cells[i] !== "" && this.put(Number(cells[0]), { [name]: Number(cells[i]) }));
    }
  }
}

export function inWords(value, unit) {
  if (value === undefined || value === null) return "–";
  if (unit === "share") return `${(value * 100).toFixed(1)}%`;
  if (unit === "count") return Math.round(value).toLocaleString("en");
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1 });
}

class Sheet {
  constructor(figure) {
    this.figure = figure;
    this.canvas = figure.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** A clean sheet in the screen's own pixels; false where it is not shown. */
  clean() {
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return false;
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    this.pen.scale(ratio, ratio);
    Object.assign(this, { width, height, color: getComputedStyle(this.canvas).color });
    Object.assign(this.pen, { strokeStyle: this.color, fillStyle: this.color, lineJoin: "round", font: getComputedStyle(this.figure).font });
    return true;
  }

  axis(low, high, unit, last) {
    const { pen, width, height } = this;
    pen.globalAlpha = 0.65;
    pen.font = "11px sans-serif";
    pen.textAlign = "right";
    const short = (value) => inWords(value, unit).replace(".0%", "%");
    pen.fillText(short(high), LEFT - 4, PAD + 8);
    pen.fillText(short(low), LEFT - 4, height - BOTTOM);
    pen.fillText(last, width - PAD, height - 2);
    pen.globalAlpha = 0.2;
    pen.fillRect(LEFT, height - BOTTOM, width - LEFT - PAD, 1);
    pen.globalAlpha = 1;
  }

  file() {
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/png"));
  }
}

/** One or more numbers by step. `others` may hold the numbers of a play beside it, drawn pale. */
export class Chart extends Sheet {
  constructor(figure, numbers) {
    super(figure);
    Object.assign(this, { numbers, others: null, step: 0 });
    this.names = figure.dataset.chart.split(" ");
    this.units = figure.dataset.units.split(" ");
    this.shown = [...figure.querySelectorAll("[data-value]")];
  }

  draw(step = this.step) {
    this.step = step;
    this.names.forEach((name, i) => (this.shown[i].textContent = inWords(this.numbers.of(name)[step], this.units[i])));
    if (!this.clean()) return;
    const [low, high] = this.range();
    const last = Math.max(this.numbers.length, this.others?.length ?? 0, 2) - 1;
    this.axis(low, high, this.units[0], `step ${last}`);
    const x = (at) => LEFT + (at / last) * (this.width - LEFT - PAD);
    const y = (value) => this.height - BOTTOM - ((value - low) / (high - low || 1)) * (this.height - BOTTOM - PAD);
    this.names.forEach((name, i) => {
      if (this.others) this.line(this.others.of(name), x, y, DASHES[i % DASHES.length], 0.4);
      this.line(this.numbers.of(name), x, y, DASHES[i % DASHES.length], 1);
    });
    this.playhead(x(step), y);
  }

  range() {
    const all = [this.numbers, this.others].flatMap((numbers) => (numbers ? this.names.flatMap((name) => numbers.of(name)) : []));
    const high = all.reduce((most, value) => Math.max(most, value), this.units[0] === "share" ? 1 : -Infinity);
    const low = all.reduce((least, value) => Math.min(least, value), this.units[0] === "number" ? Infinity : 0);
    return Number.isFinite(high) && Number.isFinite(low) ? [low, high] : [0, 1];
  }

  line(values, x, y, dash, alpha) {
    const { pen, width } = this;
    const stride = Math.max(1, Math.floor(values.length / (2 * width)));
    pen.globalAlpha = alpha;
    pen.lineWidth = 1.75;
    pen.setLineDash(dash);
    pen.beginPath();
    for (let at = 0; at < values.length; at += stride) if (values[at] !== undefined) pen.lineTo(x(at), y(values[at]));
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  playhead(x, y) {
    const { pen } = this;
    pen.globalAlpha = 0.4;
    pen.fillRect(x - 0.5, 0, 1, this.height - BOTTOM);
    pen.globalAlpha = 1;
    for (const name of this.names) {
      const value = this.numbers.of(name)[this.step];
      if (value === undefined) continue;
      pen.beginPath();
      pen.arc(x, y(value), 3, 0, 2 * Math.PI);
      pen.fill();
    }
  }
}

/** How many agents have how much, at the step shown. */
export class Histogram extends Sheet {
  constructor(figure, scene) {
    super(figure);
    Object.assign(this, { scene, name: figure.dataset.histogram, columns: null });
  }

  draw(columns = this.columns) {
    this.columns = columns;
    const values = columns && this.scene.values(columns, this.name);
    if (!values || !this.clean()) return;
    const [low, high] = this.scene.range(values, this.name);
    const counts = new Array(BINS).fill(0);
    const alive = this.scene.alive(columns);
    values.forEach((value, row) => alive(row) && (counts[Math.min(BINS - 1, Math.floor(((value - low) / (high - low || 1)) * BINS))] += 1));
    const most = Math.max(...counts, 1);
    this.axis(0, most, "count", inWords(this.scene.number(this.name, high), "number"));
    this.pen.textAlign = "left";
    this.pen.fillText(inWords(this.scene.number(this.name, low), "number"), LEFT, this.height - 2);
    const wide = (this.width - LEFT - PAD) / BINS;
    counts.forEach((count, bin) => {
      const tall = (count / most) * (this.height - BOTTOM - PAD);
      this.pen.fillRect(LEFT + bin * wide, this.height - BOTTOM - tall, wide - 1, tall);
    });
  }
}
