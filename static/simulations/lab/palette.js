// Colours of the picture, read from the style sheet, so that light, dark and forced colours hold.
const LEVELS = 256;

/** Words (ABGR, as ImageData wants them) of the named swatches of lab.css. */
export class Palette {
  /** @param {HTMLElement} probe an element in the page whose class decides its background */
  constructor(probe) {
    this.probe = probe;
    this.brush = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    this.read();
  }

  read() {
    const all = (kind, names) => names.map((name) => this.colour(kind, name));
    this.empty = this.colour("swatch", "empty");
    this.ink = this.colour("swatch", "ink");
    this.choices = all("swatch", ["0", "1", "2", "3", "4", "5", "6", "7"]);
    this.pale = this.choices.map((colour) => mixed(this.empty, colour, 0.42));
    this.ramp = spread(all("ramp", ["0", "1", "2", "3", "4"]));
    this.words = { empty: word(this.empty), choices: this.choices.map(word), pale: this.pale.map(word), ramp: this.ramp.map(word), paleRamp: this.ramp.map((colour) => word(mixed(this.empty, colour, 0.42))) };
  }

  colour(kind, name) {
    delete this.probe.dataset.swatch;
    delete this.probe.dataset.ramp;
    this.probe.dataset[kind] = name;
    this.brush.clearRect(0, 0, 1, 1);
    this.brush.fillStyle = getComputedStyle(this.probe).backgroundColor;
    this.brush.fillRect(0, 0, 1, 1);
    return [...this.brush.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }
}

/** @param {number[]} colour */
export function css([red, green, blue], alpha = 1) {
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}

function spread(stops) {
  return Array.from({ length: LEVELS }, (_, level) => {
    const place = (level / (LEVELS - 1)) * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    return mixed(stops[left], stops[left + 1], place - left);
  });
}

function mixed(from, to, share) {
  return from.map((part, i) => Math.round(part + (to[i] - part) * share));
}

function word([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
