import { expect, it } from 'vitest';
import { wrongPart } from './problem';

it('underlines from the column to the end', () => {
  expect(wrongPart('bytes > x', 9)).toEqual({ from: 8, to: 9 });
  expect(wrongPart('foo == 1', 1)).toEqual({ from: 0, to: 8 });
});

it('underlines the last character where something is missing behind it', () => {
  expect(wrongPart('bytes >', 8)).toEqual({ from: 6, to: 7 });
  expect(wrongPart('', 1)).toBeNull();
});

it('counts characters, not their halves', () => {
  expect(wrongPart('tag == 🦀 x', 10)).toEqual({ from: 10, to: 11 });
});
