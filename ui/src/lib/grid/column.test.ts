import { expect, it } from 'vitest';
import { nextOrder, tsv, type Column } from './column';

it('sorts up, then down, then as the list is', () => {
  const up = nextOrder(null, 'bytes');
  expect(up).toEqual({ field: 'bytes', descending: false });
  const down = nextOrder(up, 'bytes');
  expect(down).toEqual({ field: 'bytes', descending: true });
  expect(nextOrder(down, 'bytes')).toBeNull();
  expect(nextOrder(down, 'start')).toEqual({ field: 'start', descending: false });
});

it('copies exact values, a row a line', () => {
  const columns: Column<{ name: string; size: number }>[] = [
    { name: 'name', title: 'name', width: 'rest', text: ({ name }) => name },
    {
      name: 'size',
      title: 'size',
      width: 60,
      text: ({ size }) => `${Math.round(size / 1000)} kB`,
      exact: ({ size }) => String(size),
    },
  ];
  expect(
    tsv(columns, [
      { name: 'a\tb', size: 1499 },
      { name: 'c', size: 7 },
    ]),
  ).toBe('a b\t1499\nc\t7');
});
