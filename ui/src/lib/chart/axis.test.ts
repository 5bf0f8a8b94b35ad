import { describe, expect, it } from 'vitest';
import { timeTicks, valueTicks } from './axis';
import { DAY, HOUR, MINUTE } from './buckets';

const from_us = Date.UTC(2026, 2, 3, 9, 41, 38) * 1000;
const labels = (length: number) =>
  timeTicks({ from_us, to_us: from_us + length }, 1100, 'utc').map((tick) => tick.label);

describe('time ticks', () => {
  it('stand at round times, the first with its day', () => {
    expect(labels(6 * HOUR).slice(0, 3)).toEqual(['2026-03-03 10:00', '11:00', '12:00']);
  });

  it('show the day at midnight instead where there is one', () => {
    expect(labels(DAY)).toContain('2026-03-04');
    expect(labels(DAY)[0]).toBe('12:00');
  });

  it('have seconds where minutes are too coarse', () => {
    expect(labels(2 * MINUTE)[1]).toBe('09:42:00');
  });

  it('leave out a label that the edge would cut', () => {
    const range = { from_us: 0, to_us: 6 * HOUR };
    expect(timeTicks(range, 1100, 'utc').at(-1)).toEqual({ at: 6 * HOUR, label: '' });
  });
});

describe('value ticks', () => {
  it('are few and round', () => {
    expect(valueTicks(7, false)).toEqual([2, 4, 6]);
    expect(valueTicks(184, false)).toEqual([50, 100, 150]);
    expect(valueTicks(1204, false)).toEqual([500, 1000]);
  });

  it('are powers of ten on a log axis, the greatest among them', () => {
    expect(valueTicks(184, true)).toEqual([1, 10, 100]);
    expect(valueTicks(20_000_000, true)).toEqual([10, 10_000, 10_000_000]);
  });

  it('are none where nothing is', () => {
    expect(valueTicks(0, false)).toEqual([]);
  });
});
