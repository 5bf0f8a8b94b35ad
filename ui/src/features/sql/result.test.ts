import { describe, expect, it } from 'vitest';
import { numeric, tsv } from './result';

describe('a result', () => {
  const table = {
    columns: ['host', 'records'],
    rows: [
      ['a\tb', '12'],
      [null, '-1.5e3'],
    ],
    cut: false,
  };

  it('has its numbers on the right', () => {
    expect(numeric(table)).toEqual([false, true]);
  });

  it('can be taken to a spreadsheet', () => {
    expect(tsv(table)).toBe('host\trecords\na b\t12\n\t-1.5e3');
  });
});
