import { expect, test } from 'vitest';
import { characters, glyphs, lineStarts, segments, type Look } from './text';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function lines(text: string, look: Look, columns = 80): string[] {
  const all = bytes(text);
  const starts = lineStarts(all, look, columns);
  return starts.map((from, line) => characters(all, from, starts[line + 1] ?? all.length, look));
}

test('text breaks where the sender broke it, and shows no byte of the break', () => {
  expect(lines('GET / HTTP/1.1\r\nHost: a\n\r\n', 'text')).toEqual([
    'GET / HTTP/1.1',
    'Host: a',
    '',
  ]);
});

test('what cannot be printed is a dot, a tab a space, a lone carriage return a dot', () => {
  expect(lines('a\tb\0\xffc\rd', 'text')).toEqual(['a b··c·d']);
});

test('a long line is cut at the columns, without an empty line before its end', () => {
  expect(lines('abcdefgh\r\nij', 'text', 4)).toEqual(['abcd', 'efgh', 'ij']);
});

test('raw tells every byte from every other', () => {
  expect(lines('a\\\r\n\x00é', 'raw')).toEqual(['a\\\\\\r\\n', '\\x00\\xe9']);
  expect(lines('\x01\x02\x03', 'raw', 8)).toEqual(['\\x01\\x02', '\\x03']);
});

test('hex has 16 bytes a line', () => {
  expect(lineStarts(bytes('x'.repeat(33)), 'hex', 80)).toEqual([0, 16, 32]);
  expect(lines('Hi!', 'hex')).toEqual(['48 69 21 ']);
  expect(glyphs(bytes('a\r\nb'), 0, 4)).toBe('a··b');
});

test('a line is cut where hits begin and end', () => {
  const hits = [
    { from: 2, to: 5 },
    { from: 4, to: 6 },
    { from: 18, to: 25 },
  ];
  expect(segments(0, 10, hits)).toEqual([
    { from: 0, to: 2, hit: false },
    { from: 2, to: 5, hit: true },
    { from: 5, to: 6, hit: true },
    { from: 6, to: 10, hit: false },
  ]);
  expect(segments(20, 22, hits)).toEqual([{ from: 20, to: 22, hit: true }]);
  expect(segments(10, 12, [])).toEqual([{ from: 10, to: 12, hit: false }]);
});
