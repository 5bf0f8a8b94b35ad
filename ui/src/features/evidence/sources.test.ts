import { expect, test } from 'vitest';
import { countedWords, leftOut } from './sources';

test('what is left out is said with its reason, and only where there is some', () => {
  expect(countedWords(30, 25)).toBe(
    '30 records count. 25 more are left out: of their interface and time, another source counts.',
  );
  expect(countedWords(1, 1)).toMatch(/^1 record counts\. 1 more is left out/);
  expect(countedWords(30, 0)).toBe('30 records count. No source has records that another counts.');
});

test('an overlap leads to the records that it leaves out', () => {
  const place = leftOut({
    ...{ interface_id: 'eni-a', source: 'flow_log_csv "x".csv', counted: '1/fl-0aa', records: 3 },
    ...{ from: '2026-03-03T09:00:00Z', to: '2026-03-03T09:15:00Z' },
  });
  expect(place.filter).toBe(
    'interface_id == "eni-a" && source == "flow_log_csv \\"x\\".csv" && overlapping == "1/fl-0aa"',
  );
  expect(place.brush).toEqual({ from_us: 1_772_528_400e6, to_us: 1_772_529_300e6 });
});
