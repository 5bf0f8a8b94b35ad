import { expect, test } from 'vitest';
import type { GapRow } from '../bindings';
import { GAPS, gapCounts, gapName, gapsWithin } from './gaps';
import { microseconds } from './time';

const gap = (interface_id: string, kind: string, from: string, to: string): GapRow => ({
  ...{ interface_id, kind, source: 'log', note: '' },
  ...{ from: `2026-03-03T${from}Z`, to: `2026-03-03T${to}Z` },
});
const gaps = [
  gap('eni-a', 'nodata', '09:00:00', '09:10:00'),
  gap('eni-a', 'silence', '10:00:00', '10:30:00'),
  gap('eni-b', 'silence', '10:20:00', '10:40:00'),
];
const stretch = (from: string, to: string) => ({
  from_us: microseconds(`2026-03-03T${from}Z`),
  to_us: microseconds(`2026-03-03T${to}Z`),
});

test('a kind is called by what is known of it, an unknown one as it is', () => {
  expect(gapName('suspected_missing_file')).toBe('a file may be missing');
  expect(gapName('late_file')).toBe('late file');
  expect(gapCounts(gaps)).toEqual([
    ['nodata', 1],
    ['silence', 2],
  ]);
});

test('what is not stated is not claimed', () => {
  const stated = Object.entries(GAPS).filter(([, { means }]) => means.includes('the log states'));
  expect(stated.map(([kind]) => kind)).toEqual(['nodata', 'skipdata']);
});

test('of a stretch there are the gaps that reach into it, of the interface that is filtered for', () => {
  const within = (filter: string) =>
    gapsWithin(gaps, stretch('10:25:00', '11:00:00'), filter).map(
      ({ interface_id }) => interface_id,
    );
  expect(within('')).toEqual(['eni-a', 'eni-b']);
  expect(within('interface_id == "eni-b"')).toEqual(['eni-b']);
  expect(gapsWithin(gaps, stretch('09:10:00', '10:00:00'), '')).toEqual([]);
});
