import { expect, test } from 'vitest';
import { drawnHeight, revealing, scrolledFor, topAt } from './scroll';

test('a list that can be drawn scrolls as it is', () => {
  const extent = { length: 22_000, seen: 500 };
  expect(drawnHeight(extent)).toBe(22_000);
  expect(topAt(740, extent)).toBe(740);
  expect(scrolledFor(740, extent)).toBe(740);
  expect(scrolledFor(30_000, extent)).toBe(21_500);
});

test('a longer one reaches both ends, and comes back to where it was', () => {
  const extent = { length: 300_000_000, seen: 600 };
  const end = drawnHeight(extent) - extent.seen;
  expect(topAt(0, extent)).toBe(0);
  expect(topAt(end, extent)).toBeCloseTo(extent.length - extent.seen);
  expect(topAt(scrolledFor(123_456_789, extent), extent)).toBeCloseTo(123_456_789);
});

test('a list shorter than its place does not move', () => {
  expect(topAt(0, { length: 100, seen: 500 })).toBe(0);
  expect(scrolledFor(50, { length: 100, seen: 500 })).toBe(0);
});

test('a row comes into view with the least movement', () => {
  expect(revealing(100, 122, 0, 500)).toBe(0);
  expect(revealing(600, 622, 0, 500)).toBe(122);
  expect(revealing(100, 122, 300, 500)).toBe(100);
  expect(revealing(100, 900, 300, 500)).toBe(100);
});
