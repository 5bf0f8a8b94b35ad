import { expect, test } from 'vitest';
import { reference, referenceWords, referencesCounted } from './references';

const SHA256 = '5f1c'.repeat(16);

test('a reference names its file, and what in it', () => {
  const record = reference(`record:${SHA256}:8114`);
  expect(record).toEqual({ kind: 'record', id: `${SHA256}:8114`, evidence: SHA256, place: 8114 });
  expect(record && referenceWords(record, 'logs/a.log.gz')).toBe('Record, line 8,114 of a.log.gz');
  const packet = reference(`packet:${SHA256}@24`);
  expect(packet && referenceWords(packet, null)).toBe('Packet at offset 24 of 5f1c5f1c…');
  expect(reference(`evidence:${SHA256}`)?.place).toBeNull();
});

test('anything else is no reference', () => {
  expect(reference('record:8114')).toBeNull();
  expect(reference(`host:${SHA256}`)).toBeNull();
});

test('things are counted by kind', () => {
  expect(referencesCounted(['record:a', 'record:b', 'evidence:c'])).toBe(
    '2 records, 1 evidence item',
  );
});
