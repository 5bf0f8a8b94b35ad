/** Where the axes are marked, and how. */
import { clock, day, type Zone } from '../format/time';
import { DAY, MINUTE, niceWidth, type Stretch } from './buckets';

export interface Tick {
  at: number;
  label: string;
}

/** Room that a time needs. Unit: px. */
const ROOM = 92;
/** A label this near the right edge would be cut. Unit: px. */
const EDGE = 30;

/** Ticks at round times of the zone. One of them, at least, says the day. */
export function timeTicks(range: Stretch, pixels: number, zone: Zone): Tick[] {
  const step = niceWidth(range, pixels, ROOM);
  const here = offset(range.from_us, zone);
  const times: { at: number; midnight: boolean }[] = [];
  for (let wall = Math.ceil((range.from_us + here) / step) * step; ; wall += step) {
    const at = wall - offset(wall - here, zone);
    if (at > range.to_us) break;
    times.push({ at, midnight: wall % DAY === 0 });
  }
  const scale = pixels / (range.to_us - range.from_us);
  const dated = times.some((time) => time.midnight);
  return times.map(({ at, midnight }, index) => {
    if ((range.to_us - at) * scale < EDGE) return { at, label: '' };
    if (midnight) return { at, label: day(at, zone) };
    const time = clock(at, zone).slice(0, step < MINUTE ? 8 : 5);
    return { at, label: !dated && index === 0 ? `${day(at, zone)} ${time}` : time };
  });
}

/** What the zone's clocks are ahead of UTC at a time. Unit: µs. */
function offset(us: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(us / 1000).getTimezoneOffset() * MINUTE;
}

/** At most three round values up to the top one; on a log axis powers of ten. */
export function valueTicks(top: number, log: boolean): number[] {
  if (top < 1) return [];
  const size = Math.floor(Math.log10(top));
  if (log) {
    const stride = Math.ceil((size + 1) / 3);
    const powers = Array.from({ length: size + 1 }, (_, power) => power);
    return powers.filter((power) => (size - power) % stride === 0).map((power) => 10 ** power);
  }
  const steps = [0.2, 0.5, 1, 2, 5].map((digit) => digit * 10 ** size);
  const step = Math.max(1, steps.find((step) => top / step < 4) ?? top);
  return Array.from({ length: Math.floor(top / step) }, (_, index) => (index + 1) * step);
}
