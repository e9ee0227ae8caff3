// Draws a grid: one pixel per cell, in the colours of the legend; a marked resident's colour is full, another's pale.
const PALE = 0.42;

export class Picture {
  constructor(canvas, view) {
    Object.assign(this, { canvas, view, context: canvas.getContext("2d") });
    this.image = this.context.createImageData(view.width, view.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.readColours();
  }

  /** Read the legend's colours as they are now: they differ between light and dark. */
  readColours() {
    const brush = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const colours = new Map();
    for (const swatch of document.querySelectorAll("[data-swatch]")) {
      brush.fillStyle = getComputedStyle(swatch).backgroundColor;
      brush.fillRect(0, 0, 1, 1);
      colours.set(swatch.dataset.swatch, [...brush.getImageData(0, 0, 1, 1).data]);
    }
    const empty = colours.get("empty");
    this.empty = packed(empty);
    this.full = [];
    this.pale = [];
    for (const [value, colour] of colours) {
      if (value === "empty") continue;
      this.full[value] = packed(colour);
      this.pale[value] = packed(colour.map((part, i) => Math.round(part * PALE + empty[i] * (1 - PALE))));
    }
  }

  draw(columns) {
    const place = columns[this.view.place];
    const colour = columns[this.view.colour];
    const mark = columns[this.view.mark];
    this.pixels.fill(this.empty);
    for (let row = 0; row < place.length; row += 1) this.pixels[place[row]] = (mark[row] ? this.full : this.pale)[colour[row]];
    this.context.putImageData(this.image, 0, 0);
  }
}

function packed([red, green, blue]) {
  const word = new Uint32Array(1);
  new Uint8Array(word.buffer).set([red, green, blue, 255]);
  return word[0];
}
