import { describe, expect, it } from 'vitest';
import { isBare, read } from './grammar';

const roles = (text: string) => read(text).tokens.map(({ text, role }) => `${text} ${role}`);

describe('a filter is read', () => {
  it('by fields, operators and values', () => {
    expect(roles('srcaddr==10.0.0.0/8 && not (dstport in {22, 8000..8100})')).toEqual([
      'srcaddr field',
      '== operator',
      '10.0.0.0/8 value',
      '&& operator',
      'not operator',
      '( bracket',
      'dstport field',
      'in operator',
      '{ bracket',
      '22 value',
      ', bracket',
      '8000 value',
      '.. bracket',
      '8100 value',
      '} bracket',
      ') bracket',
    ]);
  });

  it('with values that look like operators', () => {
    expect(roles('tag == "a && b" or tag == and')).toEqual([
      'tag field',
      '== operator',
      '"a && b" value',
      'or operator',
      'tag field',
      '== operator',
      'and value',
    ]);
  });

  it('with a date and a time of day as one value', () => {
    expect(read('start >= 2026-03-03 12:00 ').expected).toBe('join');
    expect(roles('start >= 2026-03-03 12:00').at(-1)).toBe('12:00 value');
  });

  it('with backslashes that escape quotes only', () => {
    expect(roles(String.raw`tag == "a\"b\d"`).at(-1)).toBe(String.raw`"a\"b\d" value`);
  });

  it('to where it goes wrong', () => {
    expect(roles('action = ACCEPT')).toEqual(['action field', '= bad', 'ACCEPT bad']);
    expect(roles('tag == "open').at(-1)).toBe('"open bad');
  });
});

it('says what could follow', () => {
  const expected = (text: string) => read(text).expected;
  expect(expected('')).toBe('field');
  expect(expected('!(')).toBe('field');
  expect(expected('exists tag')).toBe('join');
  expect(expected('dst-port ')).toBe('operator');
  expect(read('dst-port ').field).toBe('dst_port');
  expect(expected('dstport == ')).toBe('value');
  expect(expected('dstport in ')).toBe('set');
  expect(expected('dstport in {')).toBe('item');
  expect(expected('dstport in {22')).toBe('comma');
  expect(expected('dstport in {22}')).toBe('join');
});

it('knows what needs quotes', () => {
  expect(isBare('arn:aws:ecs/x_1')).toBe(true);
  expect(isBare('two words')).toBe(false);
  expect(isBare('1..2')).toBe(false);
  expect(isBare('')).toBe(false);
});
