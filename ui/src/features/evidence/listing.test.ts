import { expect, test } from 'vitest';
import type { EvidenceObject } from '../../lib/bindings';
import { listed } from './listing';

const item = (path: string, known: Partial<EvidenceObject> = {}): EvidenceObject => ({
  path,
  sha256: '0'.repeat(64),
  size: 1,
  kind: 'flow_log_text',
  flow_records: 0,
  packets: 0,
  rejected_lines: 0,
  anomalies: 0,
  locations: [],
  presence: 'present',
  ...known,
});
const items = [
  item('logs/10.log', { size: 3, rejected_lines: 2 }),
  item('logs/2.log', { size: 5 }),
  item('mirror.pcapng', { kind: 'pcapng', sha256: 'ab'.repeat(32) }),
  item('photo.jpg', { kind: 'unrecognised' }),
];
const paths = (...args: [string, boolean, string?]): string[] => {
  const [words, troubled, field] = args;
  const order = field === undefined ? null : { field, descending: field === 'size' };
  return listed(items, words, troubled, order).map(({ path }) => path);
};

test('every word must be in the name, the kind or the hash', () => {
  expect(paths('flow LOG', false)).toEqual(['logs/10.log', 'logs/2.log']);
  expect(paths('abab capture', false)).toEqual(['mirror.pcapng']);
});

test('a problem is a rejected line, an anomaly, or a file that was not read', () => {
  expect(paths('', true)).toEqual(['logs/10.log', 'photo.jpg']);
});

test('names are ordered as people count, numbers as numbers', () => {
  expect(paths('logs', false, 'path')).toEqual(['logs/2.log', 'logs/10.log']);
  expect(paths('logs', false, 'size')).toEqual(['logs/2.log', 'logs/10.log']);
});
