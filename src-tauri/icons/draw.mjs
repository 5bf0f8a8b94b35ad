// Draws the icon: two tides, one of records and one of packets, on a dark plate. Run `node draw.mjs` here
// after a change; the pictures are committed.
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const PLATE = [0x14, 0x1a, 0x20];
const RECORDS = [0x4d, 0x8f, 0xd6];
const PACKETS = [0x3f, 0xb8, 0xaf];

// How much of a pixel is inside, from its distance to the edge in pixels.
const cover = (distance) => Math.min(1, Math.max(0, 0.5 - distance));

// The colour and opacity at a point of the unit square; `pixel` is the width of a pixel there.
function paint(x, y, pixel) {
  const corner = 0.22;
  const dx = Math.max(Math.abs(x - 0.5) - (0.46 - corner), 0);
  const dy = Math.max(Math.abs(y - 0.5) - (0.46 - corner), 0);
  const plate = cover((Math.hypot(dx, dy) - corner) / pixel);

  const colour = [...PLATE];
  const wave = (centre, phase, tide) => {
    const angle = 2 * Math.PI * x * 1.25 + phase;
    const slope = 0.1 * 2 * Math.PI * 1.25 * Math.cos(angle);
    const distance = Math.abs(y - centre - 0.1 * Math.sin(angle)) / Math.hypot(1, slope);
    const within = cover((distance - 0.045) / pixel) * cover((Math.abs(x - 0.5) - 0.33) / pixel);
    tide.forEach((value, i) => (colour[i] += (value - colour[i]) * within));
  };
  wave(0.4, 0, RECORDS);
  wave(0.6, 0, PACKETS);
  return [...colour.map(Math.round), Math.round(255 * plate)];
}

function chunk(type, body) {
  const named = Buffer.concat([Buffer.from(type), body]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

function png(size) {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0]);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  const rows = Array.from({ length: size }, (_, row) => {
    const pixels = Array.from({ length: size }, (_, column) =>
      paint((column + 0.5) / size, (row + 0.5) / size, 1 / size),
    );
    return [0, ...pixels.flat()];
  });
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

for (const [name, size] of [['32x32', 32], ['128x128', 128], ['icon', 512]]) {
  writeFileSync(new URL(`${name}.png`, import.meta.url), png(size));
}
