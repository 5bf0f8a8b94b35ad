import { expect, test } from 'vitest';
import { bytes, count, percent, short } from './numbers';

test('whole numbers are grouped by three', () => {
  expect([0, 999, 1000, 20104332].map(count)).toEqual(['0', '999', '1,000', '20,104,332']);
});

test('bytes are told in powers of 1000', () => {
  expect([512, 999, 41208, 1.9e9].map(bytes)).toEqual(['512 B', '999 B', '41.2 kB', '1.9 GB']);
});

test('a share is never rounded to all or to nothing', () => {
  expect([0, 0.00001, 0.5, 0.968, 0.99999, 1].map(percent)).toEqual([
    '0 %',
    '< 0.1 %',
    '50 %',
    '96.8 %',
    '> 99.9 %',
    '100 %',
  ]);
});

test('axes tell numbers in short', () => {
  expect([850, 12000, 1.5e6].map(short)).toEqual(['850', '12k', '1.5M']);
});
