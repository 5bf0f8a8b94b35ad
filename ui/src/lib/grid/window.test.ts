import { describe, expect, it } from 'vitest';
import {
  ROW,
  TALLEST,
  clamped,
  drawnHeight,
  firstDrawn,
  furthest,
  revealed,
  rowIn,
  scrollbarAt,
  seen,
  slotCount,
  topAt,
  wheeled,
} from './window';

const SHORT = { rows: 1_000, height: 480 };
const LONG = { rows: 100_000_000, height: 480 };

describe('a list that fits an element', () => {
  it('scrolls as any element does', () => {
    expect(drawnHeight(SHORT)).toBe(24_000);
    expect(scrollbarAt(1_234, SHORT)).toBe(1_234);
    expect(topAt(1_234, SHORT)).toBe(1_234);
  });

  it('does not scroll where all is seen', () => {
    const few = { rows: 3, height: 480 };
    expect(furthest(few)).toBe(0);
    expect(scrollbarAt(100, few)).toBe(0);
    expect(topAt(0, few)).toBe(0);
  });
});

describe('a list of 100 million rows', () => {
  it('draws an element that every engine takes', () => {
    expect(drawnHeight(LONG)).toBe(TALLEST);
  });

  it('reaches both ends by the scrollbar', () => {
    expect(topAt(0, LONG)).toBe(0);
    expect(topAt(TALLEST - 480, LONG)).toBe(LONG.rows * ROW - 480);
    expect(seen(furthest(LONG), LONG).to).toBe(LONG.rows);
  });

  it('moves by single rows though the scrollbar does not', () => {
    const middle = 50_000_000 * ROW;
    const next = clamped(middle + wheeled(1, 1, LONG), LONG);
    expect(seen(next, LONG).from).toBe(50_000_001);
    expect(scrollbarAt(next, LONG) - scrollbarAt(middle, LONG)).toBeLessThan(1);
  });
});

describe('elements of rows', () => {
  it('hold every row that is seen, each once', () => {
    const top = 1_000 * ROW + 7;
    const slots = slotCount(SHORT);
    const rows = Array.from({ length: slots }, (_, slot) => rowIn(slot, firstDrawn(top), slots));
    const { from, to } = seen(top, { rows: 10_000, height: 480 });
    expect(new Set(rows).size).toBe(slots);
    for (let row = from; row < to; row++) expect(rows).toContain(row);
  });

  it('keep their row while it is drawn', () => {
    const slots = slotCount(SHORT);
    const kept = Array.from(
      { length: slots },
      (_, slot) => rowIn(slot, 100, slots) === rowIn(slot, 101, slots),
    );
    expect(kept.filter(Boolean)).toHaveLength(slots - 1);
  });
});

it('brings a row into view with the least movement', () => {
  expect(revealed(5, 10 * ROW, SHORT)).toBe(5 * ROW);
  expect(revealed(40, 10 * ROW, SHORT)).toBe(41 * ROW - 480);
  expect(revealed(12, 10 * ROW, SHORT)).toBe(10 * ROW);
});
