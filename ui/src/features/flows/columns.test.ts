import { expect, it } from 'vitest';
import type { FlowListRow } from '../../lib/bindings';
import { flowColumns } from './columns';

const row = {
  start_us: Date.UTC(2026, 2, 3, 9, 41, 38) * 1000,
  bytes: 41_208,
  action: null,
  log_status: 'NODATA',
} as FlowListRow;

const column = (name: string, oneDay = true) => {
  const columns = flowColumns({ zone: 'utc', oneDay, room: 'fair' });
  const found = columns.find((column) => column.name === name);
  if (!found) throw new Error(`no column ${name}`);
  return found;
};

it('shows the day only where there are several', () => {
  expect(column('start').text(row)).toBe('09:41:38');
  expect(column('start').exact?.(row)).toBe('2026-03-03 09:41:38');
  expect(column('start', false).text(row)).toBe('2026-03-03 09:41:38');
});

it('rounds what is shown, not what is copied', () => {
  expect(column('bytes').text(row)).toBe('41.2 kB');
  expect(column('bytes').exact?.(row)).toBe('41208');
});

it('says of a record without traffic what it is', () => {
  expect(column('action').text(row)).toBe('NODATA');
  expect(column('action').tone?.(row)).toContain('faint');
});
