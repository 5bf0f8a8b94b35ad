import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../lib/chart/buckets';
import {
  against,
  areWholeHours,
  inWholeHours,
  objection,
  overlap,
  proposed,
  wholeHours,
} from './comparison';

const at = (hours: number): number => 1_000 * HOUR + hours * HOUR;
const span = (from: number, to: number) => ({ from_us: at(from), to_us: at(to) });

const of = (baseline: [number, number], window: [number, number]) => ({
  ...{ baseline: span(...baseline), window: span(...window) },
  ...{ field: 'srcaddr', by: 'bytes' as const },
});

describe('what is proposed', () => {
  it('is the first half of the case against the second, in whole hours', () => {
    const { baseline, window } = proposed({ from_us: at(0) + MINUTE, to_us: at(7) + MINUTE });
    expect([baseline, window]).toEqual([span(0, 4), span(4, 8)]);
    expect(proposed(span(0, 5))).toMatchObject({ baseline: span(0, 2), window: span(2, 5) });
  });

  it('parts a case that has but an hour', () => {
    const { baseline, window } = proposed({ from_us: at(0) + 5, to_us: at(0) + 7 });
    expect([baseline, window]).toEqual([span(0, 0.5), span(0.5, 1)]);
  });
});

it('sets a stretch against what was before, or else against what follows', () => {
  const whole = { from_us: at(0) + 1, to_us: at(10) };
  expect(against(span(3.5, 4), whole)).toMatchObject({
    baseline: span(0, 3.5),
    window: span(3.5, 4),
  });
  expect(against(span(0, 2), whole).baseline).toEqual(span(2, 10));
});

describe('whole hours', () => {
  const rounded = (baseline: [number, number], window: [number, number]) => {
    const made = inWholeHours(of(baseline, window));
    return [made.baseline, made.window, areWholeHours(made)];
  };

  it('are rounded outward, and the baseline gives way where they would meet', () => {
    expect(wholeHours(span(1.25, 2.5))).toEqual(span(1, 3));
    expect(rounded([0.5, 3.5], [3.5, 4.2])).toEqual([span(0, 3), span(3, 5), true]);
    expect(rounded([4.2, 6], [3.5, 4.2])).toEqual([span(5, 6), span(3, 5), true]);
    expect(rounded([0.5, 3.5], [3, 4.2])).toEqual([span(0, 4), span(3, 5), true]);
  });

  it('are not to be had where both lie in one', () => {
    expect(rounded([0.1, 0.2], [0.2, 0.9])).toEqual([span(0.1, 0.2), span(0.2, 0.9), false]);
  });
});

it('objects to what ends before it begins, and tells of an overlap', () => {
  expect(objection(of([0, 1], [1, 2]))).toBeNull();
  expect(objection(of([1, 1], [1, 2]))).toMatch(/baseline/);
  expect(objection(of([0, 1], [2, 1]))).toMatch(/window/);
  expect([of([0, 1], [1, 2]), of([0, 2], [1, 3])].map(overlap)).toEqual([false, true]);
});
