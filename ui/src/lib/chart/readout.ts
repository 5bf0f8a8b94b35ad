/** What the line above the chart says: a stretch of time and what is in it. */
import type { Histogram, Span } from '../bindings';
import { GAPS, isGap, type GapKind } from '../format/gaps';
import { bytes, count } from '../format/numbers';
import { clock, dateTime, day, zoneName, type Zone } from '../format/time';
import type { Stretch } from './buckets';
import type { Mark } from './lanes';
import { bucketsOf, sum, type Layer, type Measure, type Stack } from './stack';

export interface Readout {
  when: string;
  /** Values by series, with the token of their colour. */
  parts: { text: string; colour: Layer['colour'] }[];
  /** What it comes to, or other words. */
  rest: string;
}

/** `2026-03-03 09:41:00 – 09:42:00 UTC`. */
export function period({ from_us, to_us }: Stretch, zone: Zone): string {
  const sameDay = day(from_us, zone) === day(to_us, zone);
  const end = sameDay ? clock(to_us, zone) : dateTime(to_us, zone);
  return `${dateTime(from_us, zone)} – ${end} ${zoneName(from_us, zone)}`;
}

function amount(number: number, measure: Measure): string {
  return measure === 'bytes' ? bytes(number) : count(number);
}

/** A stretch; its counts too where it consists of whole buckets. */
export function ofStretch(
  stretch: Stretch,
  histogram: Histogram | null,
  stack: Stack,
  measure: Measure,
  zone: Zone,
): Readout {
  const when = period(stretch, zone);
  const buckets = histogram && bucketsOf(histogram, stretch);
  if (!buckets) return { when, parts: [], rest: '' };
  const sums = stack.layers.map((layer) => sum(layer.values, buckets.first, buckets.end));
  const total = sums.reduce((total, part) => total + part, 0);
  const parts = stack.layers.map(({ label, colour }, index) => ({
    text: `${label} ${amount(sums[index] ?? 0, measure)}`,
    colour,
  }));
  return {
    when,
    parts: parts.length > 1 ? parts : [],
    rest: `total ${amount(total, measure)}${measure === 'bytes' ? '' : ` ${measure}`}`,
  };
}

const NAMES: Record<Exclude<Span['kind'], GapKind>, string> = {
  records: 'flow log',
  capture: 'packets captured',
  seen: 'all of them',
  partly_seen: 'some of them',
  unseen: 'none of them',
};

function spanName(kind: Span['kind']): string {
  if (!isGap(kind)) return NAMES[kind];
  return `${GAPS[kind].name}: ${GAPS[kind].means}`;
}

export function ofSpan(label: string, span: Span, zone: Zone): Readout {
  return { when: period(span, zone), parts: [], rest: `${label}: ${spanName(span.kind)}` };
}

export function ofMark({ us, kind, title }: Mark, zone: Zone): Readout {
  return {
    when: `${dateTime(us, zone)} ${zoneName(us, zone)}`,
    parts: [],
    rest: `${kind}: ${title}`,
  };
}

export function inWords({ when, parts, rest }: Readout): string {
  return [when, ...parts.map((part) => part.text), rest].filter(Boolean).join(', ');
}
