import { expect, it } from 'vitest';
import type { ChangeKind, ComparedObject } from '../../lib/bindings';
import { amount, grouped, times } from './changes';

const sums = (bytes: number) => ({ records: bytes > 0 ? 1 : 0, packets: 2, bytes });
const row = (change: ChangeKind, before: number, now: number, ratio: number | null = null) =>
  ({ value: 'x', change, baseline: sums(before), window: sums(now), ratio }) as ComparedObject;

// The baseline is twice as long as the window.
const comparison = {
  baseline: { from_us: 0, to_us: 20 },
  window: { from_us: 20, to_us: 30 },
  field: 'srcaddr',
  by: 'bytes' as const,
};

it('puts what is new first and leaves out what there is none of', () => {
  const rows = [row('same', 20, 11), row('gone', 5, 0), row('new', 0, 9)];
  expect(grouped(rows, comparison).map(({ change }) => change)).toEqual(['new', 'gone', 'same']);
  expect(grouped([], comparison)).toEqual([]);
});

it('draws amounts by the hour, beside the largest of the group', () => {
  const [group] = grouped([row('grown', 20, 100), row('grown', 20, 50)], comparison);
  expect(group?.lines.map(({ before, now }) => [before, now])).toEqual([
    [0.1, 1],
    [0.1, 0.5],
  ]);
});

it('says how many times as much', () => {
  const said = [0, 0.004, 0.25, 3.14, 42.06, 1234].map((ratio) => times(row('grown', 1, 1, ratio)));
  expect(said).toEqual(['0.00 ×', '< 0.01 ×', '0.25 ×', '3.14 ×', '42.1 ×', '1,234 ×']);
  expect([times(row('new', 0, 1)), times(row('gone', 1, 0))]).toEqual(['new', 'gone']);
  expect(times(row('same', 0, 0))).toBe('–');
});

it('tells no records from records of no bytes', () => {
  expect(amount({ records: 0, packets: 0, bytes: 0 }, 'bytes')).toBe('–');
  expect(amount({ records: 2, packets: 0, bytes: 0 }, 'bytes')).toBe('0 B');
});
