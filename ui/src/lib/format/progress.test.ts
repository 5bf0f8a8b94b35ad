import { expect, test } from 'vitest';
import type { Progress } from '../bindings';
import { progressWords } from './progress';

const progress = (known: Partial<Progress>): Progress => ({
  doing: '',
  done: 0,
  total: 0,
  bytes_done: 0,
  unit: 'file',
  bytes_total: 0,
  flow_records: 0,
  packets: 0,
  ...known,
});

test('nothing is said of what is not known', () => {
  expect(progressWords(progress({}), null, null)).toEqual([]);
  expect(progressWords(progress({ bytes_done: 2e6 }), null, null)).toEqual(['2.0 MB']);
});

test('files, bytes, rate, time left, and what was found so far', () => {
  const known = progress({
    done: 3,
    total: 41,
    bytes_done: 5e8,
    bytes_total: 2e9,
    flow_records: 1,
  });
  expect(progressWords(known, 1e8, 15)).toEqual([
    '3 of 41 files',
    '500 MB of 2.0 GB',
    '100 MB/s',
    '15 s left',
    '1 record',
  ]);
  expect(progressWords(known, 1e8, 0.2)).toContain('nearly done');
});
