import { expect, test } from 'vitest';
import type { Direction, Turn } from '../../lib/bindings';
import { between, GAP, layOut, LINE, PADDING, placeIn, TurnIndex } from './turns';

function turn(direction: Direction, start: number, length: number, packet: string, gap = 0): Turn {
  return {
    direction,
    start,
    length,
    packet,
    gap: gap > 0 ? { at: start, length: gap, cause: 'lost' } : null,
    time: null,
    evidence: 'mirror.pcap',
    offset: 0,
    frame: 1,
  };
}

// The server's second packet came late: its bytes stand before those that came first.
const turns = [
  turn('client', 0, 100, 'a'),
  turn('server', 50, 50, 'b'),
  turn('server', 0, 50, 'c'),
  turn('server', 100, 0, 'd', 1460),
  turn('server', 100, 20, 'd'),
  turn('client', 100, 10, 'e'),
];
const index = new TurnIndex(turns);

test('a byte has the turn that carried it, whatever came first', () => {
  expect(index.holding('server', 0)).toBe(2);
  expect(index.holding('server', 99)).toBe(1);
  expect(index.holding('server', 100)).toBe(4);
  expect(index.holding('server', 120)).toBeNull();
  expect(index.holding('client', 100)).toBe(5);
});

test('a span has every turn that it touches, in the order of the bytes', () => {
  expect(index.overlapping({ direction: 'server', from: 40, to: 101 })).toEqual([2, 1, 4]);
  expect(index.overlapping({ direction: 'client', from: 100, to: 100 })).toEqual([]);
});

test('a packet has its first turn with bytes, and a gap breaks the bytes', () => {
  expect(index.ofPacket('d')).toBe(4);
  expect(index.ofPacket('x')).toBeNull();
  expect(index.breaks('server')).toEqual([100]);
});

test('turns stand below each other, each as tall as its lines', () => {
  const layout = layOut(turns, 'both', () => 2);
  const tall = 2 * LINE + PADDING;
  expect([...layout.tops]).toEqual([
    0,
    tall,
    2 * tall,
    3 * tall,
    3 * tall + GAP,
    4 * tall + GAP,
    5 * tall + GAP,
  ]);
  expect(between(layout, 0, tall - 1)).toEqual([0, 1]);
  expect(between(layout, tall + 1, 3 * tall + 1)).toEqual([1, 4]);
});

test('one direction leaves out the other; a turn that is left out gives way to the next', () => {
  const layout = layOut(turns, 'client', () => 1);
  expect(layout.shown).toEqual([0, 5]);
  expect(placeIn(layout, 5)).toBe(1);
  expect(placeIn(layout, 2)).toBe(1);
  expect(
    placeIn(
      layOut(turns, 'server', () => 1),
      5,
    ),
  ).toBe(3);
});
