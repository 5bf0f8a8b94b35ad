import { expect, test } from 'vitest';
import type { Dialogue, HttpMessage, MessageBody, StreamSide } from '../../lib/bindings';
import { bodyGapText, bodyLine, gapText, remarks, sinceBefore } from './words';

const side = (change: Partial<StreamSide> = {}): StreamSide => ({
  length: 10,
  gaps: [],
  conflicts: 0,
  retransmitted_segments: 0,
  start_seen: true,
  end_seen: true,
  ...change,
});
const dialogue = (client: StreamSide, server: StreamSide): Dialogue => ({
  application: null,
  client,
  server,
  turns: [],
  truncated: false,
});

test('a gap says how much, from whom, and why', () => {
  expect(gapText({ at: 0, length: 1460, cause: 'lost' }, 'server')).toBe(
    'Gap: 1,460 bytes from the server are missing here: lost, no captured packet carried them.',
  );
  expect(gapText({ at: 0, length: 1, cause: 'truncated' }, 'client')).toMatch(
    /^Gap: 1 byte from the client is missing here: cut by the mirror/,
  );
  expect(bodyGapText([0, 20])).toBe('Gap: 20 bytes of the body missing before its first byte.');
});

test('a clean dialogue needs no words', () => {
  expect(remarks(dialogue(side(), side()), 6)).toEqual([]);
});

test('conflicts, repetitions and a missing start are told for each side', () => {
  const said = remarks(
    dialogue(side({ conflicts: 1 }), side({ retransmitted_segments: 2, start_seen: false })),
    6,
  );
  expect(said).toHaveLength(3);
  expect(said[0]).toContain('The client sent the same place once with different bytes');
  expect(said[1]).toBe('The server sent 2 segments again.');
  expect(said[2]).toBe('The start of the server’s stream was not captured.');
});

test('datagrams have no start to miss', () => {
  expect(remarks(dialogue(side({ start_seen: false }), side({ start_seen: false })), 17)).toEqual(
    [],
  );
});

test('a coded body has both of its sizes', () => {
  const body: MessageBody = {
    size: 8192,
    wire_size: 2114,
    complete: true,
    reasons: [],
    sha256: '',
    text: '',
    text_cut: false,
    gaps: [],
  };
  const message: HttpMessage = {
    start_line: 'HTTP/1.1 200 OK',
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['content-encoding', 'gzip'],
    ],
    body,
    time: null,
    range: [0, 0],
  };
  expect(bodyLine(message, body)).toBe('text/html · gzip 2,114 → 8,192 B');
  expect(bodyLine({ ...message, headers: [] }, { ...body, wire_size: 8192 })).toBe('8,192 B');
});

test('the time since the packet before is in seconds, and may run backwards', () => {
  expect(sinceBefore(1_000_000, 1_021_406)).toBe('0.021406');
  expect(sinceBefore(2, 1)).toBe('−0.000001');
  expect(sinceBefore(null, 1)).toBe('');
});
