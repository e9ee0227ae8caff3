// What a play looks like: its space, its columns, its layers. The same JSON as GET simulations/<id>/scene/.

/** @typedef {{name: string, label: string, type: string, low: number, high: number, words: string[]}} Column */
/** @typedef {{color: string | null, mark: string | null, size: string | null, label: string}} Layer */

const FINEST = 65535;

export class Scene {
  /** @param {{space: object, columns: Column[], layers: Layer[], stride: number, archetypes: object[], metrics: object[], charts: string[][], histograms: string[]}} found */
  constructor(found) {
    Object.assign(this, found);
    this.numbers = new Map(this.columns.map((column, number) => [column.name, number]));
    this.layer = this.layers[0];
    this.shown = { marks: true, links: true, agents: true };
  }

  /** The values of a column at the step that `columns` hold, as they travelled. */
  values(columns, name) {
    return name && this.numbers.has(name) ? columns.byNumber[this.numbers.get(name)] : undefined;
  }

  column(name) {
    return this.columns[this.numbers.get(name)];
  }

  /** A travelled word as the number it stands for. */
  number(name, word) {
    const { low, high } = this.column(name);
    return high > low ? low + (word / FINEST) * (high - low) : word;
  }

  /** A value in words, for tooltips and tables. */
  words(name, word) {
    const { words, type, low, high } = this.column(name);
    if (words.length) return words[word] ?? String(word);
    const value = this.number(name, word);
    return type === "f4" || high > low ? value.toLocaleString("en", { maximumSignificantDigits: 4 }) : String(value);
  }

  /** Function row → index into the palette: a choice, or a level of the ramp. `range` is what the ramp spans. */
  tone(columns) {
    const { color } = this.layer;
    const values = this.values(columns, color);
    if (!values) return { isRamp: false, of: () => 0 };
    if (this.column(color).words.length) return { isRamp: false, of: (row) => values[row] % 8 };
    const [low, high] = this.range(values, color);
    const scale = high > low ? 255 / (high - low) : 0;
    return { isRamp: true, low: this.number(color, low), high: this.number(color, high), of: (row) => Math.min(255, Math.max(0, Math.round((values[row] - low) * scale))) };
  }

  range(values, name) {
    const { low, high } = this.column(name);
    if (high > low) return [0, FINEST];
    let [least, most] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return least > most ? [0, 0] : [least, most];
  }

  /** Function row → whether the agent is drawn full (not pale). */
  mark(columns) {
    const values = this.shown.marks ? this.values(columns, this.layer.mark) : undefined;
    return values ? (row) => values[row] !== 0 : () => true;
  }

  /** Rows that are there: agents may come and go. */
  alive(columns) {
    const values = this.values(columns, "alive");
    return values ? (row) => values[row] !== 0 : () => true;
  }

  /** The name of an agent for people. */
  nameOf(row) {
    const agent = row * this.stride;
    const found = this.archetypes.find(({ first, count }) => agent >= first && agent < first + count);
    return `${found ? found.label : "Agent"} ${agent}`;
  }
}
