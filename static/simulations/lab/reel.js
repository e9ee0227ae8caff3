// The film of one play: frames as they came, and the columns of any step, put together from the keyframe before it.
import { LINKED, UNLINKED, decoded, headOf } from "./bytes.js";

const MOST_BYTES = 48 << 20;

/** What is drawn: columns by number, links as "a-b". */
export class Columns {
  constructor() {
    Object.assign(this, { step: -1, byNumber: [], links: new Map(), linksChanged: 0 });
  }

  /** @param {import("./bytes.js").Content} content */
  take({ kind, step, parts }) {
    if (kind === "keyframe") this.byNumber = [];
    for (const part of parts) {
      if (part.column >= LINKED) this.relink(part, kind);
      else if (part.rows) this.change(part);
      else this.byNumber[part.column] = part.values;
    }
    this.step = step;
  }

  relink({ column, values }, kind) {
    if (kind === "keyframe") this.links.clear();
    for (let i = 0; i < values.length; i += 2) {
      const name = `${values[i]}-${values[i + 1]}`;
      if (column === UNLINKED) this.links.delete(name);
      else this.links.set(name, [values[i], values[i + 1]]);
    }
    this.linksChanged += 1;
  }

  change({ column, rows, values }) {
    let held = this.byNumber[column] ?? new values.constructor(0);
    const needed = rows.reduce((most, row) => Math.max(most, row + 1), held.length);
    if (needed > held.length) {
      const longer = new held.constructor(needed);
      longer.set(held);
      held = this.byNumber[column] = longer;
    }
    for (let i = 0; i < rows.length; i += 1) held[rows[i]] = values[i];
  }
}

/** `fetchFrom(step)` brings stored frames as bytes, from the keyframe at or before `step` on. */
export class Reel {
  constructor(fetchFrom) {
    Object.assign(this, { fetchFrom, frames: new Map(), bytes: 0, columns: new Columns() });
  }

  /** @param {Uint8Array} frame */
  add(frame) {
    const { step } = headOf(frame);
    if (this.frames.has(step)) return;
    this.frames.set(step, frame);
    this.bytes += frame.length;
    for (const [oldest, bytes] of this.frames) {
      if (this.bytes <= MOST_BYTES) break;
      this.frames.delete(oldest);
      this.bytes -= bytes.length;
    }
  }

  /** The columns at `step`, or null where the server has no such step yet. One call at a time. */
  async show(step) {
    if (!(await this.reach(step))) {
      for (const frame of await this.fetchFrom(step)) this.add(frame);
      if (!(await this.reach(step))) return null;
    }
    return this.columns;
  }

  async reach(step) {
    const first = this.begin(step);
    if (first === null) return false;
    for (let next = first; next <= step; next += 1) this.columns.take(await decoded(this.frames.get(next)));
    return true;
  }

  /** The first frame to apply; null where one between it and `step` is missing. */
  begin(step) {
    const at = this.columns.step;
    for (let first = step; first >= 0; first -= 1) {
      if (first === at) return at + 1;
      const frame = this.frames.get(first);
      if (!frame) return null;
      if (headOf(frame).kind === "keyframe") return first;
    }
    return null;
  }
}
