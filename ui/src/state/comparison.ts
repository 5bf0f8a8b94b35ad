/** Which stretches stand beside each other. Whole hours are proposed: the host has their sums ready. */
import { HOUR } from '../lib/chart/buckets';
import type { Comparison, Stretch } from './navigation.svelte';

/** The first half of the case against the second. */
export function proposed(whole: Stretch): Comparison {
  const { from_us, to_us } = wholeHours(whole);
  const middle = (from_us + to_us) / 2;
  // A case of an hour has no half of whole hours.
  const hours = (to_us - from_us) / HOUR;
  const half = hours > 1 ? from_us + Math.floor(hours / 2) * HOUR : middle;
  return compared({ from_us, to_us: half }, { from_us: half, to_us });
}

/** What was before a stretch against it; what comes after it where nothing was before. */
export function against(stretch: Stretch, whole: Stretch): Comparison {
  const { from_us, to_us } = wholeHours(whole);
  const before = { from_us, to_us: stretch.from_us };
  const after = { from_us: stretch.to_us, to_us };
  return compared(stretch.from_us > whole.from_us ? before : after, stretch);
}

/** The hours that a stretch reaches into. */
export function wholeHours({ from_us, to_us }: Stretch): Stretch {
  return {
    from_us: Math.floor(from_us / HOUR) * HOUR,
    to_us: Math.ceil(to_us / HOUR) * HOUR,
  };
}

function isWholeHours({ from_us, to_us }: Stretch): boolean {
  return from_us % HOUR === 0 && to_us % HOUR === 0;
}

/** The same in whole hours. Rounding makes no overlap where there was none: the baseline gives way. */
export function inWholeHours(comparison: Comparison): Comparison {
  const baseline = wholeHours(comparison.baseline);
  const window = wholeHours(comparison.window);
  if (!overlap(comparison) && overlap({ ...comparison, baseline, window })) {
    if (baseline.from_us < window.from_us) baseline.to_us = window.from_us;
    else baseline.from_us = window.to_us;
  }
  // Both in one hour: nothing of the baseline would be left.
  return baseline.to_us > baseline.from_us ? { ...comparison, baseline, window } : comparison;
}

export function areWholeHours({ baseline, window }: Comparison): boolean {
  return isWholeHours(baseline) && isWholeHours(window);
}

/** Why two stretches cannot be compared, in a sentence. */
export function objection({ baseline, window }: Comparison): string | null {
  if (baseline.to_us <= baseline.from_us) return 'The baseline ends before it begins.';
  if (window.to_us <= window.from_us) return 'The window ends before it begins.';
  return null;
}

/** Whether they have something in common, which then counts on both sides. */
export function overlap({ baseline, window }: Comparison): boolean {
  return baseline.from_us < window.to_us && window.from_us < baseline.to_us;
}

function compared(baseline: Stretch, window: Stretch): Comparison {
  return { baseline, window, field: 'srcaddr', by: 'bytes' };
}
