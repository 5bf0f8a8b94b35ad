import { expect, it } from 'vitest';
import { narrowed, shownKey } from './values';

const PAIR = 'srcaddr,dstaddr';

it('narrows a filter to a value, and to each part of a pair', () => {
  expect(narrowed('bytes > 1kB', 'protocol', '6')).toBe('bytes > 1kB && protocol == tcp');
  expect(narrowed('', 'dstport', null)).toBe('!dstport');
  expect(narrowed('a == 1 || b == 2', PAIR, '10.0.0.1 2001:db8::1')).toBe(
    '(a == 1 || b == 2) && srcaddr == 10.0.0.1 && dstaddr == 2001:db8::1',
  );
  expect(narrowed('', PAIR, '10.0.0.1 -')).toBe('srcaddr == 10.0.0.1 && !dstaddr');
});

it('says nothing of a pair whose parts cannot be told', () => {
  expect(narrowed('', 'srcaddr,ecs_service_name', '10.0.0.1 a b')).toBeNull();
  expect(shownKey('srcaddr,ecs_service_name', '10.0.0.1 a b')).toBe('10.0.0.1 a b');
});

it('says a value in words', () => {
  expect(shownKey('protocol', '17')).toBe('udp');
  expect(shownKey('dstport', null)).toBe('absent');
  expect(shownKey(PAIR, '10.0.0.1 -')).toBe('10.0.0.1 → absent');
});
