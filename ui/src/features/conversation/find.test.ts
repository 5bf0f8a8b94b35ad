import { expect, test } from 'vitest';
import { findAll, needleOf } from './find';

const find = (text: string, needle: string): number[] =>
  findAll(new TextEncoder().encode(text), needleOf(needle));

test('small and capital letters are alike, other bytes are not', () => {
  expect(find('Select … SELECT … sel[ct', 'select')).toEqual([0, 11]);
  expect(find('a[b', 'A{B')).toEqual([]);
});

test('hits do not overlap', () => {
  expect(find('aaaaa', 'aa')).toEqual([0, 2]);
});

test('text beyond ASCII is looked for as UTF-8', () => {
  expect(find('xMüller', 'müller')).toEqual([1]);
});

test('nothing is found nowhere', () => {
  expect(find('abc', '')).toEqual([]);
  expect(find('ab', 'abc')).toEqual([]);
});
