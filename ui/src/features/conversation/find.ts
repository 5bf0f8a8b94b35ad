/** Plain text in bytes. */

const LOWER = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** The bytes to look for: UTF-8, letters small. */
export function needleOf(text: string): Uint8Array {
  return new TextEncoder().encode(text).map((byte) => LOWER[byte] ?? byte);
}

/** Where `needle` begins in `bytes`, small and capital letters alike; hits do not overlap. */
export function findAll(bytes: Uint8Array, needle: Uint8Array): number[] {
  const found: number[] = [];
  const [first] = needle;
  if (first === undefined) return found;
  const last = bytes.length - needle.length;
  for (let at = 0; at <= last; at += 1) {
    if (LOWER[bytes[at] ?? 0] !== first) continue;
    let same = 1;
    while (same < needle.length && LOWER[bytes[at + same] ?? 0] === needle[same]) same += 1;
    if (same < needle.length) continue;
    found.push(at);
    at += needle.length - 1;
  }
  return found;
}
