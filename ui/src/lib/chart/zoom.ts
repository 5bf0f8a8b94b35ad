import { SECOND, type Stretch } from './buckets';

/** Nothing finer is recorded than seconds: ten of them fill the chart. */
const LEAST = 10 * SECOND;

/** The range `factor` times as long, with `at` where it was. Stays within the whole. */
export function zoomed(range: Stretch, at: number, factor: number, whole: Stretch | null): Stretch {
  const length = range.to_us - range.from_us;
  const wanted = Math.max(LEAST, length * factor);
  const from_us = Math.round(at - ((at - range.from_us) / length) * wanted);
  return within({ from_us, to_us: from_us + Math.round(wanted) }, whole);
}

/** The range later by a time, or earlier. Stays within the whole. */
export function panned(range: Stretch, by: number, whole: Stretch | null): Stretch {
  const step = Math.round(by);
  return within({ from_us: range.from_us + step, to_us: range.to_us + step }, whole);
}

function within(range: Stretch, whole: Stretch | null): Stretch {
  if (!whole) return range;
  const length = Math.min(range.to_us - range.from_us, whole.to_us - whole.from_us);
  const latest = whole.to_us - length;
  const from_us = Math.max(whole.from_us, Math.min(range.from_us, latest));
  return { from_us, to_us: from_us + length };
}

export function covers(range: Stretch, whole: Stretch): boolean {
  return range.from_us <= whole.from_us && range.to_us >= whole.to_us;
}
