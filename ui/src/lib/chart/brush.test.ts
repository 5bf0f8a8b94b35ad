import { describe, expect, it } from 'vitest';
import { moved, resized, snapped } from './brush';

const steps = { from_us: 600, width_us: 60 };
const range = { from_us: 600, to_us: 1200 };

describe('a brush', () => {
  it('takes every bucket that was touched, whichever way it was drawn', () => {
    expect(snapped(670, 790, steps)).toEqual({ from_us: 660, to_us: 840 });
    expect(snapped(790, 670, steps)).toEqual({ from_us: 660, to_us: 840 });
  });

  it('keeps edges that are edges already', () => {
    expect(snapped(660, 780, steps)).toEqual({ from_us: 660, to_us: 780 });
  });

  it('is never empty', () => {
    expect(snapped(660, 660, steps)).toEqual({ from_us: 660, to_us: 720 });
  });

  it('moves by buckets and stops at the ends', () => {
    const brush = { from_us: 660, to_us: 780 };
    expect(moved(brush, 1, steps, range)).toEqual({ from_us: 720, to_us: 840 });
    expect(moved(brush, -5, steps, range)).toEqual({ from_us: 600, to_us: 720 });
    expect(moved(brush, 50, steps, range)).toEqual({ from_us: 1080, to_us: 1200 });
  });

  it('grows and shrinks at its later edge, to one bucket at least', () => {
    const brush = { from_us: 660, to_us: 780 };
    expect(resized(brush, 1, steps, range)).toEqual({ from_us: 660, to_us: 840 });
    expect(resized(brush, -9, steps, range)).toEqual({ from_us: 660, to_us: 720 });
    expect(resized(brush, 99, steps, range)).toEqual({ from_us: 660, to_us: 1200 });
  });
});
