/** The brushed stretch. It consists of whole buckets always, so that its counts are those of the bars. */
import type { Stretch } from './buckets';

/** Edges of buckets: at `from_us` and every `width_us` before and after it. */
export interface Steps {
  from_us: number;
  width_us: number;
}

/** The buckets between two moments, in either order; one at least. */
export function snapped(one: number, other: number, steps: Steps): Stretch {
  const from = Math.floor((Math.min(one, other) - steps.from_us) / steps.width_us);
  const to = Math.ceil((Math.max(one, other) - steps.from_us) / steps.width_us);
  return {
    from_us: steps.from_us + from * steps.width_us,
    to_us: steps.from_us + Math.max(to, from + 1) * steps.width_us,
  };
}

/** The brush some buckets further, as far as the range goes. */
export function moved(brush: Stretch, by: number, steps: Steps, range: Stretch): Stretch {
  const limits = snapped(range.from_us, range.to_us, steps);
  const start = snapped(brush.from_us, brush.to_us, steps);
  const length = Math.min(start.to_us - start.from_us, limits.to_us - limits.from_us);
  const last = limits.to_us - length;
  const from_us = start.from_us + by * steps.width_us;
  const kept = Math.max(limits.from_us, Math.min(from_us, last));
  return { from_us: kept, to_us: kept + length };
}

/** The brush with its later edge some buckets further; one bucket stays. */
export function resized(brush: Stretch, by: number, steps: Steps, range: Stretch): Stretch {
  const limits = snapped(range.from_us, range.to_us, steps);
  const { from_us, to_us } = snapped(brush.from_us, brush.to_us, steps);
  const wanted = to_us + by * steps.width_us;
  return { from_us, to_us: Math.max(from_us + steps.width_us, Math.min(wanted, limits.to_us)) };
}
