import { expect, test } from 'vitest';
import { step } from './steps';

test('arrows, pages and ends move within the list', () => {
  const to = (key: string): number | null => step(key, 5, 30);
  expect(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'].map(to)).toEqual([
    4, 6, 0, 15, 0, 29,
  ]);
  expect(step('ArrowDown', 29, 30)).toBe(29);
});

test('other keys and empty lists lead nowhere', () => {
  expect(step('a', 5, 30)).toBeNull();
  expect(step('ArrowDown', -1, 0)).toBeNull();
  expect(step('ArrowDown', -1, 3)).toBe(0);
});
