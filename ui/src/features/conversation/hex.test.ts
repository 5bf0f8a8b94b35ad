import { expect, test } from 'vitest';
import { fromHex, hexOffset, hexRow } from './hex';

test('hexadecimal text becomes bytes', () => {
  expect([...fromHex('00ff4a')]).toEqual([0, 255, 74]);
  expect(fromHex('')).toHaveLength(0);
});

test('a row has its offset, its bytes, and a dot for what cannot be printed', () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, index) => 0x70 + index);
  const row = hexRow(bytes, 0);
  expect(row.offset).toBe('0000');
  expect(row.cells.map((cell) => cell.glyph).join('')).toBe('pqrstuvwxyz{|}~·');
  expect(hexRow(bytes, 1)).toEqual({
    offset: '0010',
    cells: [
      { at: 16, hex: '80', glyph: '·' },
      { at: 17, hex: '81', glyph: '·' },
    ],
  });
});

test('an offset takes the room that it needs', () => {
  expect(hexOffset(0xbeef5)).toBe('beef5');
  expect(hexOffset(31, 8)).toBe('0000001f');
});
