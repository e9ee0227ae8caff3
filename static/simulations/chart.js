// A small line chart of one number by step, with a line at the step shown.
const PAD = 4;

export class Chart {
  constructor(figure) {
    const { chart: name, unit } = figure.dataset;
    Object.assign(this, { name, unit, canvas: figure.querySelector("canvas"), shown: figure.querySelector("[data-value]"), values: [] });
    this.label = figure.querySelector("figcaption span").firstChild.textContent.trim().toLowerCase();
    this.context = this.canvas.getContext("2d");
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  put(step, value) {
    this.values[step] = value;
  }

  /** Draw everything, with the playhead at `step`. */
  draw(step = this.step ?? this.values.length - 1) {
    this.step = step;
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    this.context.scale(ratio, ratio);
    this.line(width, height);
    if (step in this.values) this.shown.textContent = this.words(this.values[step]);
  }

  line(width, height) {
    const pen = this.context;
    const last = Math.max(this.values.length - 1, 1);
    const top = this.unit === "share" ? 1 : Math.max(1, this.values.reduce((most, value) => Math.max(most, value), 0));
    const x = (step) => PAD + (step / last) * (width - 2 * PAD);
    const y = (value) => height - PAD - (value / top) * (height - 2 * PAD);
    const { color } = getComputedStyle(this.canvas);
    Object.assign(pen, { strokeStyle: color, fillStyle: color, lineWidth: 1.75, lineJoin: "round" });
    pen.beginPath();
    this.values.forEach((value, step) => pen.lineTo(x(step), y(value)));
    pen.stroke();
    this.playhead(x(this.step), this.values[this.step] === undefined ? null : y(this.values[this.step]), height);
  }

  playhead(x, y, height) {
    const pen = this.context;
    pen.globalAlpha = 0.35;
    pen.fillRect(x - 0.5, 0, 1, height);
    pen.globalAlpha = 1;
    if (y === null) return;
    pen.beginPath();
    pen.arc(x, y, 3, 0, 2 * Math.PI);
    pen.fill();
  }

  words(value) {
    return this.unit === "share" ? `${(value * 100).toFixed(1)}%` : Math.round(value).toLocaleString("en");
  }
}

/** Fill charts from the CSV of all steps. */
export function readNumbers(text, charts) {
  const [head, ...lines] = text.trim().split("\r\n");
  const names = head.split(",");
  for (const line of lines) {
    const values = line.split(",");
    for (const chart of charts) chart.put(Number(values[0]), Number(values[names.indexOf(chart.name)]));
  }
}
