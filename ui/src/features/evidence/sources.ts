/** Which source counts where: overlaps in words, and where they lead. */
import type { OverlapObject } from '../../lib/bindings';
import { quoted } from '../../lib/format/filter';
import { count, counted } from '../../lib/format/numbers';
import { microseconds } from '../../lib/format/time';
import type { Place } from '../../state/navigation.svelte';

/** What is counted and what is not, in a sentence. */
export function countedWords(records: number, overlapping: number): string {
  const counting = `${counted(records, 'record')} ${records === 1 ? 'counts' : 'count'}.`;
  if (overlapping === 0) return `${counting} No source has records that another counts.`;
  const left = overlapping === 1 ? '1 more is' : `${count(overlapping)} more are`;
  return `${counting} ${left} left out: of their interface and time, another source counts.`;
}

/** The records of an overlap that are left out. */
export function leftOut({
  interface_id,
  source,
  counted,
  from,
  to,
}: OverlapObject): Partial<Place> {
  return {
    view: 'flows',
    filter: [
      `interface_id == ${quoted(interface_id)}`,
      `source == ${quoted(source)}`,
      `overlapping == ${quoted(counted)}`,
    ].join(' && '),
    // The last of them may end later than it starts.
    brush: {
      from_us: microseconds(from),
      to_us: Math.max(microseconds(to), microseconds(from) + 1),
    },
  };
}
