import { describe, expect, it } from 'vitest';
import type { ConversationObject } from '../../lib/bindings';
import { client, columns, place, server } from './columns';

const row: ConversationObject = {
  id: 'c1',
  protocol: 6,
  client: '203.0.113.66',
  client_port: 51544,
  server: '2001:db8::10',
  server_port: 80,
  source: '10.20.9.9',
  vni: 7411,
  key: null,
  tunnelled: false,
  interface_id: 'eni-0a1',
  duplicate_of: null,
  records: 1,
  unrecorded_reason: null,
  first: '2026-03-03T09:41:38.062217123Z',
  last: '2026-03-03T09:42:33Z',
  packets_client: 1200,
  packets_server: 41,
  bytes_client: 41_208,
  bytes_server: 512,
  application: null,
  community_id: '1:abc=',
};
const column = (name: string) => columns('utc').find((column) => column.name === name);

describe('a conversation in the list', () => {
  it('names its ends, IPv6 in brackets', () => {
    expect(client(row)).toBe('203.0.113.66:51544');
    expect(server(row)).toBe('[2001:db8::10]:80');
  });

  it('is shown to the millisecond and copied to the last digit', () => {
    expect(column('first')?.text(row)).toBe('2026-03-03 09:41:38.062');
    expect(column('first')?.exact?.(row)).toBe('2026-03-03 09:41:38.062217123 UTC');
  });

  it('gives both directions', () => {
    expect(column('packets')?.text(row)).toBe('1,200 / 41');
    expect(column('bytes')?.exact?.(row)).toBe('41,208 B / 512 B');
  });

  it('says where it was mirrored as well as that is known', () => {
    expect(place(row)).toBe('eni-0a1');
    expect(place({ ...row, interface_id: null })).toBe('10.20.9.9 VNI 7411');
    expect(place({ ...row, interface_id: null, source: null, vni: null })).toBe('not mirrored');
    expect(place({ ...row, duplicate_of: 'c0' })).toBe('copy · eni-0a1');
  });
});
