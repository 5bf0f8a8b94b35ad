import { expect, test } from 'vitest';
import type { Turn } from '../../lib/bindings';
import { provenance, type Knowledge } from './provenance';

const carrier = (start: number, packet: string): Turn => ({
  direction: 'client',
  start,
  length: 560,
  gap: null,
  time: '2026-03-03T14:21:09.552000Z',
  packet,
  evidence: 'mirror-02.pcap.gz',
  offset: 1_288_410,
  frame: 9_001,
});
const known: Knowledge = {
  numberOf: (packet) => (packet === 'p12' ? 12 : null),
  sha256Of: () => '9c41aaaaaaaa77ab',
  correctedOf: () => null,
  zone: 'utc',
  whole: 'stream',
  broken: false,
};

test('one packet: its number, file, offset, hash and time', () => {
  const span = { direction: 'client', from: 1460, to: 2020 } as const;
  expect(provenance(span, [carrier(1460, 'p12')], known)).toEqual({
    lead: 'Bytes 1,461–2,020 of the client’s stream were carried by packet',
    packets: [{ id: 'p12', label: '12' }],
    tail: ': mirror-02.pcap.gz, offset 1,288,410, SHA-256 of the file 9c41…77ab, seen 14:21:09.552000.',
  });
});

test('the offset is that of the first byte, not of its packet', () => {
  const span = { direction: 'client', from: 1470, to: 1480 } as const;
  expect(provenance(span, [carrier(1460, 'p12')], known)?.tail).toContain('offset 1,288,420');
});

test('many packets: the first few, and how many more; a frame where there is no number', () => {
  const span = { direction: 'client', from: 0, to: 4480 } as const;
  const carriers = Array.from({ length: 8 }, (_, index) => carrier(index * 560, `x${index}`));
  const told = provenance(span, carriers, { ...known, broken: true });
  expect(told?.lead).toMatch(/^Captured bytes 1–4,480 .* by packets$/);
  expect(told?.packets).toHaveLength(6);
  expect(told?.packets[0]?.label).toBe('frame 9,001');
  expect(told?.tail).toMatch(/^ and 2 more: from mirror-02/);
});

test('nothing carried nothing', () => {
  expect(provenance({ direction: 'server', from: 0, to: 1 }, [], known)).toBeNull();
});
