import { expect, it } from 'vitest';
import type { Histogram } from '../bindings';
import { inWords, ofSpan, ofStretch } from './readout';
import { stacked } from './stack';

const minute = 60_000_000;
const from_us = Date.UTC(2026, 2, 3, 9, 41) * 1000;
const histogram: Histogram = {
  from_us,
  width_us: minute,
  buckets: 2,
  series: [
    { value: 'ACCEPT', records: [1200, 4], packets: [0, 0], bytes: [41_200, 0] },
    { value: 'REJECT', records: [30, 1], packets: [0, 0], bytes: [0, 0] },
  ],
};
const words = (length: number, measure: 'records' | 'bytes') =>
  inWords(
    ofStretch(
      { from_us, to_us: from_us + length },
      histogram,
      stacked(histogram, measure),
      measure,
      'utc',
    ),
  );

it('says when, how much of each series, and how much in all', () => {
  expect(words(minute, 'records')).toBe(
    '2026-03-03 09:41:00 – 09:42:00 UTC, accept 1,200, reject 30, total 1,230 records',
  );
  expect(words(2 * minute, 'bytes')).toContain('total 41.2 kB');
});

it('claims no counts for a stretch that cuts a bucket', () => {
  expect(words(minute / 2, 'records')).toBe('2026-03-03 09:41:00 – 09:41:30 UTC');
});

it('calls a gap what it is', () => {
  const span = { from_us, to_us: from_us + minute, kind: 'skipdata' as const };
  expect(ofSpan('eni-0a1', span, 'utc').rest).toBe(
    'eni-0a1: records skipped (SKIPDATA): the log states it; what they would have said is not known',
  );
});
