import { expect, it } from 'vitest';
import { moment, parsed } from './time';

const NINE = Date.UTC(2026, 2, 3, 9) * 1000;

it('reads a time as it writes it', () => {
  for (const us of [NINE, NINE + 61e6]) expect(parsed(moment(us, 'utc'), 'utc')).toBe(us);
  for (const us of [NINE, NINE + 61e6]) expect(parsed(moment(us, 'local'), 'local')).toBe(us);
});

it('reads what people write in short', () => {
  expect(parsed(' 2026-03-03T09:00 ', 'utc')).toBe(NINE);
  expect(parsed('2026-03-03', 'utc')).toBe(NINE - 9 * 3_600e6);
});

it('reads no time that there is not', () => {
  for (const text of ['', 'soon', '2026-02-30', '2026-03-03 24:00', '2026-03-03 09:00Z']) {
    expect(parsed(text, 'utc')).toBeNull();
  }
});
