import { expect, it } from 'vitest';
import { orderOf, placeOf, selectionAt } from './saved.svelte';

const FROM = '2026-03-03T09:00:00Z';
const TO = '2026-03-03T10:00:00Z';
const us = (text: string): number => Date.parse(text) * 1000;
const whole = { from_us: us(FROM) - 7, to_us: us(TO) + 7 };
const view = {
  name: 'x',
  filter: 'bytes > 1kB',
  from: FROM,
  to: TO,
  order: 'bytes:desc',
  all_sources: true,
};

it('leads to its filter, its stretch and its order, and to the whole timeline', () => {
  expect(placeOf(view, whole)).toEqual({
    view: 'flows',
    filter: 'bytes > 1kB',
    brush: { from_us: us(FROM), to_us: us(TO) },
    zoom: null,
    order: { field: 'bytes', descending: true },
    allSources: true,
  });
  expect(placeOf({ ...view, from: null, to: null, order: null }, whole)).toMatchObject({
    brush: null,
    order: null,
  });
});

it('reaches as far as the case where it is open to a side', () => {
  expect(placeOf({ ...view, to: null }, whole).brush).toEqual({
    from_us: us(FROM),
    to_us: whole.to_us + 1,
  });
  expect(placeOf({ ...view, from: null }, whole).brush?.from_us).toBe(whole.from_us);
  expect(placeOf({ ...view, to: null }, null).brush).toBeNull();
});

it('is read and asked as the host writes it', () => {
  expect(orderOf('start')).toEqual({ field: 'start', descending: false });
  expect(selectionAt({ filter: '', brush: null, allSources: false })).toEqual({
    filter: null,
    from_us: null,
    to_us: null,
    all_sources: false,
  });
});
