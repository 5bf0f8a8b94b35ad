import { describe, expect, it } from 'vitest';
import { named, written } from './names';

const columns = ['table_name', 'column_name', 'data_type'];

describe('names', () => {
  it('are those of the documented views and tables, views first', () => {
    const rows = [
      ['derived', 'fingerprint', 'VARCHAR'],
      ['tags', 'record', 'BIGINT'],
      ['flows', 'srcaddr', 'VARCHAR'],
    ];
    const all = named({ columns, rows, cut: false });
    expect(all[0]).toMatchObject({
      name: 'flows',
      columns: [{ name: 'srcaddr', type: 'varchar' }],
    });
    expect(all.at(-1)?.columns).toEqual([{ name: 'record', type: 'bigint' }]);
    expect(all.some((table) => table.name === 'derived')).toBe(false);
  });

  it('are quoted where the language would misread them', () => {
    expect(['srcaddr', 'end', 'a"b'].map(written)).toEqual(['srcaddr', '"end"', '"a""b"']);
  });
});
