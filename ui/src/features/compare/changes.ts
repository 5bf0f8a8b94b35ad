/** What a comparison found, in groups, and in words. */
import type { ChangeKind, ComparedObject, Measure } from '../../lib/bindings';
import { bytes, count } from '../../lib/format/numbers';
import type { Comparison } from '../../state/navigation.svelte';

/** One value in both stretches. */
export interface Line {
  value: string | null;
  compared: ComparedObject;
  /** Beside the largest of its group, an hour; 0 to 1. */
  before: number;
  now: number;
}

export interface Group {
  change: ChangeKind;
  title: string;
  about: string;
  lines: Line[];
}

const GROUPS: readonly [ChangeKind, string, string][] = [
  ['new', 'New', 'in the window only'],
  ['grown', 'Grown', 'at least twice as much an hour'],
  ['gone', 'Gone', 'in the baseline only'],
  ['shrunk', 'Shrunk', 'at most half as much an hour'],
  ['same', 'About the same', 'less than twice, more than half as much an hour'],
];

/** The groups that hold something. Lengths differ, so bars are drawn by the hour. */
export function grouped(
  rows: readonly ComparedObject[],
  { baseline, window, by }: Comparison,
): Group[] {
  const hours = window.to_us - window.from_us;
  const hoursBefore = baseline.to_us - baseline.from_us;
  return GROUPS.map(([change, title, about]) => {
    const own = rows.filter((row) => row.change === change);
    const rates = own.map((row) => [row.baseline[by] / hoursBefore, row.window[by] / hours]);
    const most = Math.max(...rates.flat()) || 1;
    const lines = own.map((row, at): Line => {
      const [before = 0, now = 0] = rates[at] ?? [];
      return { value: row.value, compared: row, before: before / most, now: now / most };
    });
    return { change, title, about, lines };
  }).filter(({ lines }) => lines.length > 0);
}

/** `1.2 GB`, `3,104`, or nothing where nothing was. */
export function amount({ records, ...sums }: ComparedObject['window'], by: Measure): string {
  if (records === 0) return '–';
  if (by === 'records') return count(records);
  return by === 'bytes' ? bytes(sums.bytes) : count(sums.packets);
}

/** `12 ×`, `0.25 ×`; what has no measure is said in words. */
export function times({ change, ratio }: ComparedObject): string {
  if (change === 'new') return 'new';
  if (change === 'gone') return 'gone';
  if (ratio === null) return '–';
  if (ratio > 0 && ratio < 0.01) return '< 0.01 ×';
  const digits = ratio >= 99.5 ? 0 : ratio >= 9.95 ? 1 : 2;
  return `${digits === 0 ? count(ratio) : ratio.toFixed(digits)} ×`;
}
