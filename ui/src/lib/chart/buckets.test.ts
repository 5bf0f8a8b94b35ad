import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, aligned, niceWidth, widthName } from './buckets';

const from_us = Date.UTC(2026, 2, 3, 9, 41, 38) * 1000;
const lasting = (length: number) => ({ from_us, to_us: from_us + length });

describe('width of a bucket', () => {
  it('is the smallest round one that leaves room for a bar', () => {
    expect(niceWidth(lasting(6 * HOUR), 1100)).toBe(2 * MINUTE);
    expect(niceWidth(lasting(100 * SECOND), 1100)).toBe(SECOND);
    expect(niceWidth(lasting(30 * DAY), 1100)).toBe(3 * HOUR);
  });

  it('never makes more than 600 buckets, however wide the screen is', () => {
    expect(niceWidth(lasting(600 * MINUTE), 100_000)).toBe(MINUTE);
    expect(niceWidth(lasting(601 * MINUTE), 100_000)).toBe(2 * MINUTE);
  });

  it('has an answer for centuries and for no room at all', () => {
    expect(niceWidth(lasting(4000 * 365 * DAY), 1100) % (365 * DAY)).toBe(0);
    expect(niceWidth(lasting(HOUR), 0)).toBe(HOUR);
  });
});

describe('aligned buckets', () => {
  it('begin at a multiple of the width and cover the range', () => {
    const { from_us: first, buckets } = aligned(lasting(HOUR), 5 * MINUTE);
    expect(first).toBe(Date.UTC(2026, 2, 3, 9, 40) * 1000);
    expect(buckets).toBe(13);
  });

  it('are one at least', () => {
    expect(aligned(lasting(0), MINUTE).buckets).toBe(1);
  });
});

it('names a width as one says it', () => {
  const widths = [SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, HOUR, DAY, 2 * DAY];
  expect(widths.map(widthName)).toEqual(['s', '15 s', 'min', '5 min', 'h', 'day', '2 days']);
});
