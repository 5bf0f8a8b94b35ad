import { expect, test } from 'vitest';
import type { FieldObject, LayerObject } from '../../lib/bindings';
import { bytesLabel, innermost, layerRows, layerTree, pathTo } from './layers';

const layer = (
  protocol: string,
  range: [number, number],
  fields: FieldObject[] = [],
  title = protocol,
): LayerObject => ({ protocol, title, range, fields, anomalies: [] });

const flags: FieldObject = {
  name: 'tcp.flags',
  value: 'ACK',
  range: [96, 98],
  fields: [
    { name: 'tcp.flags.ack', value: '1', range: [96, 98] },
    { name: 'tcp.flags.syn', value: '0', range: [96, 98] },
  ],
};
const options: FieldObject = {
  name: 'tcp.options',
  value: '4 bytes',
  range: [104, 108],
  fields: [
    { name: 'tcp.options.nop', value: 'no operation', range: [104, 105] },
    { name: 'tcp.options.nop', value: 'no operation', range: [105, 106] },
  ],
};
const mirrored = [
  layer('eth', [0, 14]),
  layer('ip', [14, 34], [], 'IPv4, 10.20.1.10 → 10.20.9.9'),
  layer('udp', [34, 42]),
  layer(
    'vxlan',
    [42, 50],
    [{ name: 'vxlan.vni', value: '7411', range: [46, 49] }],
    'VXLAN, VNI 7411',
  ),
  layer('eth', [50, 64]),
  layer('ip', [64, 84]),
  layer('tcp', [84, 108], [flags, options]),
  layer('data', [108, 200], [{ name: 'data.data', value: 'GET /', range: [108, 200] }]),
];

test('what brought the packet here is one line, and the packet begins at its own link layer', () => {
  expect(innermost(mirrored)).toBe(4);
  const [tunnel, ...inner] = layerTree(mirrored);
  expect(tunnel).toMatchObject({
    kind: 'tunnel',
    name: 'VXLAN · VNI 7411 · outer 10.20.1.10 → 10.20.9.9',
    bytes: [0, 50],
  });
  expect(inner.map((node) => node.key)).toEqual(['eth', 'ip', 'tcp', 'data']);
});

test('a packet that came without a tunnel, or is not IP, has no such line', () => {
  expect(layerTree(mirrored.slice(4)).map((node) => node.kind)).not.toContain('tunnel');
  expect(innermost([layer('ip', [0, 20]), layer('tcp', [20, 40])])).toBe(0);
  expect(innermost([layer('eth', [0, 14]), layer('data', [14, 60])])).toBe(0);
});

test('IP in IP without a link layer between begins at the inner IP', () => {
  expect(innermost([layer('eth', [0, 14]), layer('ip', [14, 34]), layer('ip', [34, 54])])).toBe(2);
});

test('a byte belongs to the innermost field; bits of a field stand for the field', () => {
  const tree = layerTree(mirrored);
  expect(pathTo(tree, 97)).toEqual(['tcp', 'tcp/tcp.flags']);
  expect(pathTo(tree, 105)).toEqual([
    'tcp',
    'tcp/tcp.options',
    'tcp/tcp.options/tcp.options.nop#2',
  ]);
  expect(pathTo(tree, 107)).toEqual(['tcp', 'tcp/tcp.options']);
  expect(pathTo(tree, 47)).toEqual(['tunnel', 'tunnel/vxlan', 'tunnel/vxlan/vxlan.vni']);
  expect(pathTo(tree, 150)).toEqual(['data', 'data/data.data']);
  expect(pathTo(tree, 200)).toEqual([]);
});

test('rows follow what is open', () => {
  const rows = layerRows(layerTree(mirrored), new Set(['tcp', 'tcp/tcp.flags']));
  expect(rows.map(({ key, level }) => `${level} ${key}`)).toEqual([
    '1 tunnel',
    '1 eth',
    '1 ip',
    '1 tcp',
    '2 tcp/tcp.flags',
    '3 tcp/tcp.flags/tcp.flags.ack',
    '3 tcp/tcp.flags/tcp.flags.syn',
    '2 tcp/tcp.options',
    '1 data',
  ]);
});

test('an anomaly is a row behind its layer, open or not, and marks its byte', () => {
  const odd = {
    ...layer('ip', [0, 20]),
    anomalies: ['ip.len at byte 2: expected at least 20 bytes, found 4'],
  };
  const rows = layerRows(layerTree([odd]), new Set());
  expect(rows[1]).toMatchObject({ kind: 'anomaly', bytes: [2, 3] });
});

test('ranges name their last byte', () => {
  expect(bytesLabel([64, 84])).toBe('64–83');
  expect(bytesLabel([7, 8])).toBe('7');
});
