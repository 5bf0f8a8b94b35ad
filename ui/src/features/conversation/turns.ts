/** The turns of a dialogue: where a byte stands, and how tall each is. */
import type { Direction, Turn } from '../../lib/bindings';

export type Shown = 'both' | Direction;

/** Measures of the list of turns. Unit: px. */
export const LINE = 17;
export const PADDING = 6;
export const GAP = 36;

/** A stretch of what was captured of one direction. */
export interface Span {
  direction: Direction;
  from: number;
  to: number;
}

export function spanOf({ direction, start, length }: Turn): Span {
  return { direction, from: start, to: start + length };
}

/** The last index at which `at` is not above `value`; -1 if it always is. `at` rises with its index. */
export function lastNotAbove(count: number, at: (index: number) => number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Finds turns by the bytes and the packets that they are about. */
export class TurnIndex {
  readonly turns: readonly Turn[];
  /** Turns with bytes, in the order of these. */
  readonly #sides: Record<Direction, number[]> = { client: [], server: [] };
  readonly #packets = new Map<string, number>();

  constructor(turns: readonly Turn[]) {
    this.turns = turns;
    turns.forEach((turn, index) => {
      if (turn.length === 0) return;
      this.#sides[turn.direction].push(index);
      if (!this.#packets.has(turn.packet)) this.#packets.set(turn.packet, index);
    });
    for (const side of Object.values(this.#sides)) {
      side.sort((one, other) => this.#start(one) - this.#start(other));
    }
  }

  /** The turn that holds a byte. */
  holding(direction: Direction, byte: number): number | null {
    return this.overlapping({ direction, from: byte, to: byte + 1 })[0] ?? null;
  }

  /** The turns that hold bytes of a span, in the order of these. */
  overlapping({ direction, from, to }: Span): number[] {
    const side = this.#sides[direction];
    const found: number[] = [];
    let place = lastNotAbove(side.length, (at) => this.#start(side[at] ?? 0), from);
    for (place = Math.max(0, place); place < side.length; place += 1) {
      const index = side[place] ?? 0;
      const turn = this.turns[index];
      if (!turn || turn.start >= to) break;
      if (turn.start + turn.length > from) found.push(index);
    }
    return found;
  }

  /** The first turn whose bytes a packet carried. */
  ofPacket(packet: string): number | null {
    return this.#packets.get(packet) ?? null;
  }

  /** Bytes of a direction that a gap cuts from the ones before. */
  breaks(direction: Direction): number[] {
    return this.turns
      .filter((turn) => turn.direction === direction && turn.gap !== null)
      .map((turn) => turn.start);
  }

  #start(index: number): number {
    return this.turns[index]?.start ?? 0;
  }
}

export interface Layout {
  /** Indexes of the turns that are shown, in order. */
  shown: number[];
  /** Where each begins; the last entry is the end of the list. Unit: px. */
  tops: Float64Array;
}

/** `lines`: how many lines a turn takes. */
export function layOut(
  turns: readonly Turn[],
  direction: Shown,
  lines: (turn: Turn, index: number) => number,
): Layout {
  const shown: number[] = [];
  turns.forEach((turn, index) => {
    if (direction === 'both' || turn.direction === direction) shown.push(index);
  });
  const tops = new Float64Array(shown.length + 1);
  let top = 0;
  shown.forEach((index, place) => {
    tops[place] = top;
    const turn = turns[index];
    if (turn) top += heightOf(turn, turn.length > 0 ? lines(turn, index) : 0);
  });
  tops[shown.length] = top;
  return { shown, tops };
}

function heightOf(turn: Turn, lines: number): number {
  return (turn.gap ? GAP : 0) + (turn.length > 0 ? lines * LINE + PADDING : 0);
}

/** The places in {@link Layout.shown} of what stands between two heights. */
export function between({ shown, tops }: Layout, from: number, to: number): [number, number] {
  const at = (place: number): number => tops[place] ?? 0;
  const first = Math.max(0, lastNotAbove(shown.length, at, from));
  return [first, lastNotAbove(shown.length, at, to) + 1];
}

/** The place in {@link Layout.shown} of a turn, or of the next that is shown. */
export function placeIn({ shown }: Layout, turn: number): number {
  const place = lastNotAbove(shown.length, (at) => shown[at] ?? 0, turn);
  return shown[place] === turn ? place : Math.min(place + 1, shown.length - 1);
}
