/** Bytes of a stream as lines of characters, every byte in its place. */
import { GLYPH, HEX, ROW } from './hex';

/** `text`: what can be read. `hex`: a dump. `raw`: every byte told apart from every other. */
export type Look = 'text' | 'hex' | 'raw';

const LF = 10;
const CR = 13;
const TAB = 9;

const TEXT: readonly string[] = GLYPH.map((glyph, byte) => (byte === TAB ? ' ' : glyph));

const ESCAPES: Record<number, string> = { [TAB]: '\\t', [LF]: '\\n', [CR]: '\\r', 0x5c: '\\\\' };
const RAW: readonly string[] = GLYPH.map(
  (glyph, byte) => ESCAPES[byte] ?? (byte < 0x20 || byte > 0x7e ? `\\x${HEX[byte] ?? ''}` : glyph),
);

/** Where each line starts, no line longer than `columns` and one at each line feed. */
export function lineStarts(bytes: Uint8Array, look: Look, columns: number): number[] {
  const starts = [0];
  if (look === 'hex') {
    for (let at = ROW; at < bytes.length; at += ROW) starts.push(at);
    return starts;
  }
  let column = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const wide = width(bytes, at, look);
    if (column > 0 && column + wide > columns) {
      starts.push(at);
      column = 0;
    }
    column += wide;
    if (bytes[at] === LF && at + 1 < bytes.length) {
      starts.push(at + 1);
      column = 0;
    }
  }
  return starts;
}

function width(bytes: Uint8Array, at: number, look: Look): number {
  const byte = bytes[at] ?? 0;
  if (look === 'raw') return RAW[byte]?.length ?? 1;
  return endsLine(bytes, at) ? 0 : 1;
}

/** A line feed, or the carriage return before one: the end of the line shows it. */
function endsLine(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);
}

/** The characters for `[from, to)`; for `hex` the digits. */
export function characters(bytes: Uint8Array, from: number, to: number, look: Look): string {
  let text = '';
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (look === 'hex') text += `${HEX[byte] ?? ''} `;
    else if (look === 'raw') text += RAW[byte] ?? '';
    else if (!endsLine(bytes, at)) text += TEXT[byte] ?? '';
  }
  return text;
}

/** The right-hand side of a dump. */
export function glyphs(bytes: Uint8Array, from: number, to: number): string {
  return Array.from(bytes.subarray(from, to), (byte) => GLYPH[byte] ?? '').join('');
}

export interface Stretch {
  from: number;
  to: number;
}

export interface Segment extends Stretch {
  hit: boolean;
}

/** `[from, to)` cut where hits begin and end. Hits are sorted; they may overlap. */
export function segments(from: number, to: number, hits: readonly Stretch[]): Segment[] {
  const cut: Segment[] = [];
  let at = from;
  for (const hit of hits) {
    if (hit.to <= at) continue;
    if (hit.from >= to) break;
    if (hit.from > at) cut.push({ from: at, to: hit.from, hit: false });
    const start = Math.max(at, hit.from);
    at = Math.min(to, hit.to);
    cut.push({ from: start, to: at, hit: true });
  }
  if (at < to) cut.push({ from: at, to, hit: false });
  return cut;
}
