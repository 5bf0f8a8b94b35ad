import { describe, expect, it } from 'vitest';
import { NOWHERE } from '../../state/navigation.svelte';
import { clockOffset, selectionWords, stretch } from './words';

const NOON = Date.UTC(2026, 2, 3, 12) * 1000;
const clock = {
  collector: 'c',
  evidence: [],
  uncertainty: 0.04,
  pairs: 12,
  pinned: false,
  estimated_seconds: null,
  estimated_uncertainty: null,
};

describe('the clock offset', () => {
  it('says which clock is ahead, how surely, and from what', () => {
    expect(clockOffset({ ...clock, seconds: 2.3 })).toBe(
      'capture is +2.300 s ± 0.040 ahead, from 12 pairs',
    );
    expect(clockOffset({ ...clock, seconds: -0.5, uncertainty: null, pinned: true })).toBe(
      'capture is −0.500 s behind, set by the examiner',
    );
  });

  it('admits that it is not known', () => {
    expect(clockOffset({ ...clock, seconds: null })).toMatch(/^not known/);
  });
});

it('writes the second day only where it is another', () => {
  expect(stretch(NOON, NOON + 56e6, 'utc')).toBe('2026-03-03 12:00:00 – 12:00:56');
  expect(stretch(NOON, NOON + 86_400e6, 'utc')).toBe('2026-03-03 12:00:00 – 2026-03-04 12:00:00');
});

it('says what is selected, and nothing of what is not', () => {
  expect(selectionWords(NOWHERE, 'utc')).toBe('every record');
  const brush = { from_us: NOON, to_us: NOON + 60e6 };
  const order = { field: 'bytes', descending: true };
  expect(selectionWords({ filter: 'bytes > 1kB', brush, order, allSources: true }, 'utc')).toBe(
    'bytes > 1kB · 2026-03-03 12:00:00 – 12:01:00 · by bytes, largest first · all sources',
  );
});
