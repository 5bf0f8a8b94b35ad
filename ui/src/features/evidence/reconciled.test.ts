import { expect, test } from 'vitest';
import type { ReconciledObject } from '../../lib/bindings';
import { hasLoss, seenShare } from './reconciled';

const row = (recorded: number, seen: number): ReconciledObject => ({
  interface_id: 'eni-1',
  from: '2026-03-03T09:00:00Z',
  to: '2026-03-03T09:01:00Z',
  records: 1,
  recorded,
  seen,
  lost: Math.max(0, recorded - seen),
  captured: seen,
});

test('only all is a hundred per cent, and only nothing is none', () => {
  const shares = [row(3, 3), row(3, 4), row(100_000, 99_999), row(100_000, 1), row(3, 0)];
  expect(shares.map(seenShare)).toEqual(['100 %', '100 %', '99.9 %', '0.1 %', '0 %']);
  expect(seenShare(row(0, 0))).toBe('nothing recorded');
});

test('a minute has loss if a packet that was recorded was not seen', () => {
  expect([row(3, 3), row(3, 2), row(2, 3)].map(hasLoss)).toEqual([false, true, false]);
});
