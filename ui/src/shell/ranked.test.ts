import { expect, test } from 'vitest';
import { ranked } from './ranked';

const TITLES = ['Back', 'Open a case', 'Close the case', 'Verify evidence', 'Evidence'];

function check(typed: string, expected: string[]): void {
  expect(ranked(TITLES, typed, (title) => title)).toEqual(expected);
}

test('nothing typed leaves the order as it is', () => {
  check('', TITLES);
});

test('letters that stand together come before letters that are scattered', () => {
  check('case', ['Open a case', 'Close the case']);
  check('evid', ['Evidence', 'Verify evidence']);
});

test('letters may be passed over, but must come in order', () => {
  check('oac', ['Open a case']);
  check('zzz', []);
});
