// Pictures of a simulation: unpacked, kept, and put together for any step. The form is that of simulations/engine/frames.py.
const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i2: Int16Array, i4: Int32Array, f4: Float32Array };
const NARROW_ROWS = 1 << 16;
const MOST_KEPT = 3000;

function unpack(text, type) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new TYPES[type](bytes.buffer);
}

function apply(columns, frame) {
  for (const [name, packed] of Object.entries(frame.columns)) {
    const values = unpack(packed.values, packed.type);
    if (frame.kind === "keyframe") {
      columns[name] = values;
      continue;
    }
    const column = columns[name];
    const rows = unpack(packed.rows, column.length <= NARROW_ROWS ? "u2" : "u4");
    for (let i = 0; i < rows.length; i += 1) column[rows[i]] = values[i];
  }
}

/** Keeps frames; `fetchFrom(step)` brings those around a step that are not here (an array, from a keyframe on). */
export class Reel {
  constructor(fetchFrom) {
    Object.assign(this, { fetchFrom, frames: new Map(), columns: {}, at: -1, newest: -1 });
  }

  add(frame) {
    this.frames.set(frame.step, frame);
    this.newest = Math.max(this.newest, frame.step);
    if (this.frames.size > MOST_KEPT) this.frames.delete(this.frames.keys().next().value);
  }

  metrics(step) {
    return this.frames.get(step)?.metrics;
  }

  /** The columns at `step`, or null where the server has no such step yet. */
  async show(step) {
    if (!this.reach(step)) {
      for (const frame of await this.fetchFrom(step)) this.add(frame);
      if (!this.reach(step)) return null;
    }
    return this.columns;
  }

  reach(step) {
    let first = step;
    while (first !== this.at && this.frames.has(first) && this.frames.get(first).kind !== "keyframe") first -= 1;
    if (first !== this.at && !this.frames.has(first)) return false;
    for (let next = first === this.at ? first + 1 : first; next <= step; next += 1) {
      apply(this.columns, this.frames.get(next));
      this.at = next;
    }
    return true;
  }
}
