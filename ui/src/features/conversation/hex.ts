/** Bytes as rows of a dump. */

export const ROW = 16;

/** Two hexadecimal digits for each byte value. */
export const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** The character that stands for a byte where one character is all there is room for. */
export const GLYPH: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·',
);

/** The bytes that hexadecimal text names. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}

export function hexOffset(offset: number, digits = 4): string {
  return offset.toString(16).padStart(digits, '0');
}

export interface HexRow {
  offset: string;
  cells: HexCell[];
}

export interface HexCell {
  at: number;
  hex: string;
  glyph: string;
}

/** Row `row` of the dump. */
export function hexRow(bytes: Uint8Array, row: number): HexRow {
  const from = row * ROW;
  const cells = Array.from(bytes.subarray(from, from + ROW), (byte, index) => ({
    at: from + index,
    hex: HEX[byte] ?? '',
    glyph: GLYPH[byte] ?? '',
  }));
  return { offset: hexOffset(from), cells };
}
