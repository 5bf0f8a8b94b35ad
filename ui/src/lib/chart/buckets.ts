/** Times in µs since the epoch, UTC; `to_us` is the first moment after it. */
export interface Stretch {
  from_us: number;
  to_us: number;
}

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** More buckets than this say nothing more, on any screen. */
const MOST = 600;
/** A bar of three pixels and one of air. */
const BAR = 4;

const WIDTHS = [
  ...[1, 2, 5, 10, 15, 30].map((number) => number * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((number) => number * MINUTE),
  ...[1, 2, 3, 6, 12].map((number) => number * HOUR),
  ...[1, 2, 5, 10, 30, 90, 365].map((number) => number * DAY),
];

/** The smallest round width, in µs, that leaves each bucket at least `least` pixels. */
export function niceWidth(range: Stretch, pixels: number, least = BAR): number {
  const room = Math.max(1, Math.min(MOST, Math.floor(pixels / least)));
  const needed = (range.to_us - range.from_us) / room;
  return WIDTHS.find((width) => width >= needed) ?? Math.ceil(needed / (365 * DAY)) * 365 * DAY;
}

/** Buckets that cover the range, their edges at multiples of the width. */
export function aligned(range: Stretch, width: number): { from_us: number; buckets: number } {
  const from_us = Math.floor(range.from_us / width) * width;
  return { from_us, buckets: Math.max(1, Math.ceil((range.to_us - from_us) / width)) };
}

/** What a rate is said to be per: `s`, `5 min`, `h`, `day`. */
export function widthName(width: number): string {
  const units: [number, string][] = [
    [DAY, 'day'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ];
  const [unit, name] = units.find(([unit]) => width % unit === 0) ?? [SECOND, 's'];
  const number = width / unit;
  if (number === 1) return name;
  return `${number} ${name === 'day' ? 'days' : name}`;
}
