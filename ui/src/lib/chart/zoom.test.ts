import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from './buckets';
import { covers, panned, zoomed } from './zoom';

const whole = { from_us: 0, to_us: 10 * HOUR };
const range = { from_us: 2 * HOUR, to_us: 6 * HOUR };

describe('zoom', () => {
  it('keeps what is under the pointer where it is', () => {
    const closer = zoomed(range, 3 * HOUR, 0.5, whole);
    expect(closer).toEqual({ from_us: 2.5 * HOUR, to_us: 4.5 * HOUR });
  });

  it('ends at the whole on the way out, and at ten seconds on the way in', () => {
    const far = zoomed(range, 3 * HOUR, 100, whole);
    expect(covers(far, whole)).toBe(true);
    const close = zoomed(range, 3 * HOUR, 1e-9, whole);
    expect(close.to_us - close.from_us).toBe(10 * SECOND);
  });

  it('goes along without leaving the whole', () => {
    expect(panned(range, 30 * MINUTE, whole)).toEqual({ from_us: 2.5 * HOUR, to_us: 6.5 * HOUR });
    expect(panned(range, 99 * HOUR, whole)).toEqual({ from_us: 6 * HOUR, to_us: 10 * HOUR });
  });

  it('knows no end where the whole is not known', () => {
    expect(panned(range, -5 * HOUR, null).from_us).toBe(-3 * HOUR);
  });
});
