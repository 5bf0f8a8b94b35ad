import type { Histogram } from '../bindings';
import type { Stretch } from './buckets';

export type Measure = 'records' | 'packets' | 'bytes';

/** One series of the histogram, as it lies on those below it. */
export interface Layer {
  label: string;
  /** Token of its colour. */
  colour: 'accept' | 'reject' | 'faint' | 'accent';
  values: number[];
  /** Its upper edge: its own values and those of all layers below. */
  tops: number[];
}

export interface Stack {
  /** From the bottom up. */
  layers: Layer[];
  /** Upper edge of it all. */
  totals: number[];
}

const LOOKS: Record<string, Pick<Layer, 'label' | 'colour'>> = {
  ACCEPT: { label: 'accept', colour: 'accept' },
  REJECT: { label: 'reject', colour: 'reject' },
};
const ORDER = ['ACCEPT', 'REJECT'];

export function stacked(histogram: Histogram | null, measure: Measure): Stack {
  if (!histogram) return { layers: [], totals: [] };
  let totals = new Array<number>(histogram.buckets).fill(0);
  const layers: Layer[] = [];
  for (const series of [...histogram.series].sort((a, b) => rank(a.value) - rank(b.value))) {
    const values = series[measure];
    totals = totals.map((total, bucket) => total + (values[bucket] ?? 0));
    layers.push({ ...look(series.value), values, tops: totals });
  }
  return { layers, totals };
}

/** Records without an action, NODATA and SKIPDATA among them, lie on top. */
function rank(value: string | null): number {
  if (value === null) return ORDER.length + 1;
  const place = ORDER.indexOf(value);
  return place < 0 ? ORDER.length : place;
}

function look(value: string | null): Pick<Layer, 'label' | 'colour'> {
  if (value === null) return { label: 'no action', colour: 'faint' };
  return LOOKS[value] ?? { label: value.toLowerCase(), colour: 'accent' };
}

/** Buckets `[first, end)` that a stretch consists of; nothing if it cuts one. */
export function bucketsOf(
  histogram: Histogram,
  stretch: Stretch,
): { first: number; end: number } | null {
  const first = (stretch.from_us - histogram.from_us) / histogram.width_us;
  const end = (stretch.to_us - histogram.from_us) / histogram.width_us;
  const whole = Number.isInteger(first) && Number.isInteger(end);
  return whole && first >= 0 && end <= histogram.buckets ? { first, end } : null;
}

/** Sum of the values in `[first, end)`. */
export function sum(values: number[], first = 0, end = values.length): number {
  return values.slice(first, end).reduce((total, value) => total + value, 0);
}

/** The bucket with the most, the first of equals; nothing where all are empty. */
export function peak(totals: number[]): number | null {
  const most = totals.reduce((most, total) => Math.max(most, total), 0);
  return most === 0 ? null : totals.indexOf(most);
}
