import { expect, test } from 'vitest';
import { technique } from './finding';

test('a technique is T and four digits, and three more for a sub-technique', () => {
  expect(technique(' t1505.003 ')).toBe('T1505.003');
  expect(technique('T1190')).toBe('T1190');
  expect(technique('')).toBeNull();
  expect(technique('T119')).toBe(false);
  expect(technique('T1190.1')).toBe(false);
});
