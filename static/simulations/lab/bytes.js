// Binary frames, version 1, as written by simulations/engine/frames/wire.py, and the envelope in which the socket sends them.

/** @typedef {{column: number, values: ArrayLike<number>, rows: ArrayLike<number> | null}} Part */
/** @typedef {{kind: "keyframe" | "delta", step: number, parts: Part[]}} Content */

export const LINKED = 254;
export const UNLINKED = 255;
const HEAD = 9;
const PACKED = 0x80;
const TYPES = [Uint8Array, Uint16Array, Uint32Array, Int16Array, Int32Array, Float32Array];

/** Read what the socket sent. Answers null for another version. @param {ArrayBuffer} buffer */
export function opened(buffer) {
  const view = new DataView(buffer);
  if (view.getUint8(0) !== 1) return null;
  const end = 3 + view.getUint16(1, true);
  const topic = new TextDecoder().decode(new Uint8Array(buffer, 3, end - 3));
  return { topic, seq: view.getUint32(end, true), frame: new Uint8Array(buffer, end + 4) };
}

/** Bytes out of the base64 of a REST answer. @param {string} text */
export function unpacked(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The step of a frame, without reading the rest. @param {Uint8Array} frame */
export function headOf(frame) {
  const view = new DataView(frame.buffer, frame.byteOffset);
  return { kind: view.getUint8(3) & 1 ? "delta" : "keyframe", step: view.getUint32(4, true) };
}

/** @param {Uint8Array} frame @returns {Promise<Content>} */
export async function decoded(frame) {
  const { kind, step } = headOf(frame);
  const body = frame[3] & PACKED ? await inflated(frame.subarray(HEAD)) : frame.slice(HEAD);
  return { kind, step, parts: parts(body, kind, frame[8]) };
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function parts(body, kind, count) {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const found = [];
  let at = 0;
  const numbers = (Type, n) => {
    const size = n * Type.BYTES_PER_ELEMENT;
    const values = new Type(body.slice(at, at + size).buffer); // copied: parts begin anywhere, typed arrays do not
    at += size;
    return values;
  };
  for (let each = 0; each < count; each += 1) {
    const column = body[at];
    const code = body[at + 1];
    const n = view.getUint32(at + 2, true);
    at += 6;
    const rows = kind === "delta" && column < LINKED ? numbers(code & PACKED ? Uint32Array : Uint16Array, n) : null;
    found.push({ column, rows, values: numbers(TYPES[code & ~PACKED], n) });
  }
  return found;
}
