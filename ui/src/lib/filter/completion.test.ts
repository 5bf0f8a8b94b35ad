import { describe, expect, it } from 'vitest';
import type { FilterFieldObject } from '../bindings';
import { operatorsOf, placeAt, valuesOf } from './completion';

const field = (
  name: string,
  kind: FilterFieldObject['kind'],
  values: string[] = [],
): FilterFieldObject => ({
  name,
  kind,
  about: '',
  values,
});

describe('a completion replaces the word that is being written', () => {
  it.each([
    ['', 'field', 0],
    ['src', 'field', 0],
    ['dstport ', 'operator', 8],
    ['dstport =', 'operator', 8],
    ['tag con', 'operator', 4],
    ['dstport == ', 'value', 11],
    ['dstport == 2', 'value', 11],
    ['tag == "web se', 'value', 7],
    ['dstport in {22, ', 'item', 16],
    ['dstport == 22 ', 'join', 14],
    ['dstport == 22 && ', 'field', 17],
    ['!(', 'field', 2],
  ])('%j', (text, expected, from) => {
    expect(placeAt(text)).toMatchObject({ expected, from });
  });
});

it('offers the operators that a field takes', () => {
  expect(operatorsOf(field('srcaddr', 'address'))).not.toContain('<');
  expect(operatorsOf(field('src_scope', 'scope'))).not.toContain('<');
  expect(operatorsOf(field('bytes', 'bytes'))).toContain('<=');
  expect(operatorsOf(field('action', 'text'))).toContain('matches');
  expect(operatorsOf(field('tag', 'text'))).not.toContain('matches');
});

it('asks for values only where they repeat', async () => {
  const asked: string[] = [];
  const ask = (name: string) => {
    asked.push(name);
    return Promise.resolve(['x']);
  };
  expect(await valuesOf(field('action', 'text'), ask)).toEqual(['ACCEPT', 'REJECT']);
  expect(await valuesOf(field('bytes', 'bytes'), ask)).toEqual([]);
  expect(await valuesOf(field('vpc_id', 'text'), ask)).toEqual(['x']);
  expect(await valuesOf(field('scope', 'scope', ['public']), ask)).toEqual(['public']);
  expect(await valuesOf(field('dstport', 'port', ['https']), ask)).toEqual(['x', 'https']);
  expect(asked).toEqual(['vpc_id', 'dstport']);
});
