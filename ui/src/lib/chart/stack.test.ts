import { describe, expect, it } from 'vitest';
import type { Histogram } from '../bindings';
import { bucketsOf, peak, stacked, sum } from './stack';

const series = (value: string | null, records: number[]) => ({
  value,
  records,
  packets: records.map((number) => number * 10),
  bytes: records.map((number) => number * 1000),
});

const histogram: Histogram = {
  from_us: 600,
  width_us: 60,
  buckets: 3,
  series: [series(null, [1, 0, 0]), series('REJECT', [0, 5, 1]), series('ACCEPT', [4, 2, 0])],
};

describe('stack', () => {
  it('lays reject on accept and what has no action on top, in whatever order they came', () => {
    const { layers, totals } = stacked(histogram, 'records');
    expect(layers.map((layer) => layer.label)).toEqual(['accept', 'reject', 'no action']);
    expect(layers.map((layer) => layer.tops)).toEqual([
      [4, 2, 0],
      [4, 7, 1],
      [5, 7, 1],
    ]);
    expect(totals).toEqual([5, 7, 1]);
  });

  it('takes the measure that is asked for', () => {
    expect(stacked(histogram, 'packets').totals).toEqual([50, 70, 10]);
  });

  it('is empty without a histogram', () => {
    expect(stacked(null, 'records')).toEqual({ layers: [], totals: [] });
  });
});

describe('sums of a stretch', () => {
  it('are those of its bars', () => {
    const buckets = bucketsOf(histogram, { from_us: 660, to_us: 780 });
    expect(buckets).toEqual({ first: 1, end: 3 });
    expect(sum([5, 7, 1], buckets?.first, buckets?.end)).toBe(8);
  });

  it('are not told for a stretch that cuts a bar or leaves the chart', () => {
    expect(bucketsOf(histogram, { from_us: 630, to_us: 720 })).toBeNull();
    expect(bucketsOf(histogram, { from_us: 540, to_us: 720 })).toBeNull();
  });
});

it('finds the peak, and none where there is nothing', () => {
  expect(peak([5, 7, 7])).toBe(1);
  expect(peak([0, 0])).toBeNull();
});
