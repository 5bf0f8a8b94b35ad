import { expect, it } from 'vitest';
import { candidates, isUntold } from './reading';

it('knows a file whose columns cannot be told', () => {
  expect(isUntold('no header line, and no known layout fits; the columns look like: 1 a')).toBe(
    true,
  );
  expect(isUntold('UTF-16 text; it can be read once it is converted to UTF-8')).toBe(false);
  expect(isUntold(null)).toBe(false);
});

it('offers the layouts that would fit', () => {
  const said = 'no header line, and several layouts fit: (version srcaddr) or (version dstaddr)';
  expect(candidates(said)).toEqual(['version srcaddr', 'version dstaddr']);
  expect(candidates('no header line, and no known layout fits; …')).toEqual([]);
});
