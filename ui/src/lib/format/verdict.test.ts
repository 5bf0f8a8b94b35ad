import { expect, test } from 'vitest';
import { badge } from './verdict';

test('a badge says how much was seen, or the first reason why it was not looked for', () => {
  expect(badge('partial', 'missing_packets', 4, 6)).toBe('4/6');
  expect(badge('none', 'no_capture', 0, 6)).toBe('no capture');
  expect(badge('not_comparable', 'overlapping', null, 6)).toBe('overlapping');
  expect(badge('not_comparable', null, null, null)).toBe('not comparable');
  expect(badge(null, null, null, null)).toBe('–');
});
