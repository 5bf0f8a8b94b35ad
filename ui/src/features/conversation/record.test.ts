import { expect, test } from 'vitest';
import type { FlowListRow } from '../../lib/bindings';
import { fromTo, tupleFilter } from './record';

const row = {
  srcaddr: '203.0.113.66',
  dstaddr: '2001:db8::1',
  srcport: 51544,
  dstport: 80,
  protocol: 6,
} as FlowListRow;

test('a record is found by its tuple', () => {
  expect(tupleFilter(row)).toBe(
    'srcaddr == 203.0.113.66 && dstaddr == 2001:db8::1 && srcport == 51544 && dstport == 80 && protocol == tcp',
  );
});

test('what a record does not say is not asked for', () => {
  expect(tupleFilter({ ...row, srcport: null, dstport: null, protocol: null })).toBe(
    'srcaddr == 203.0.113.66 && dstaddr == 2001:db8::1',
  );
});

test('a record runs from its source to its destination', () => {
  expect(fromTo(row)).toBe('203.0.113.66:51544 → [2001:db8::1]:80');
});
