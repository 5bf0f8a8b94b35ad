import { expect, it } from 'vitest';
import { endingOf, exportPath, withEnding } from './file';

it('is a new file each time, in the folder that was chosen', () => {
  const now = new Date('2026-03-03T09:41:38.062Z');
  expect(exportPath('/exports/', 'csv', now)).toBe('/exports/flow-records-2026-03-03-094138.csv');
  expect(exportPath('/x', 'pcapng', now)).toBe('/x/packets-2026-03-03-094138.pcapng');
});

it('has the ending of its format', () => {
  expect(withEnding('/a.b/flows.csv', 'parquet')).toBe('/a.b/flows.parquet');
  expect(withEnding('/a.b/flows', 'csv')).toBe('/a.b/flows.csv');
  expect(['x.csv', 'x.parquet', 'x.csv.gz', 'x.pcapng'].map(endingOf)).toEqual([
    'csv',
    'parquet',
    null,
    'pcapng',
  ]);
});
