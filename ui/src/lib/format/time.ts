/** Times as people read them. The wire has µs since the epoch, or RFC 3339 text in UTC. */

export type Zone = 'utc' | 'local';

const pad = (number: number, digits = 2): string => String(number).padStart(digits, '0');

interface Parts {
  date: string;
  time: string;
}

function parts(ms: number, zone: Zone): Parts {
  const at = new Date(ms);
  return zone === 'utc'
    ? {
        date: `${pad(at.getUTCFullYear(), 4)}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`,
        time: `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`,
      }
    : {
        date: `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`,
        time: `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`,
      };
}

/** `2026-03-03 09:41:38`. */
export function dateTime(us: number, zone: Zone): string {
  const { date, time } = parts(us / 1000, zone);
  return `${date} ${time}`;
}

/** `2026-03-03`. */
export function day(us: number, zone: Zone): string {
  return parts(us / 1000, zone).date;
}

/** `09:41:38`. */
export function clock(us: number, zone: Zone): string {
  return parts(us / 1000, zone).time;
}

/** `09:41`, or with seconds where they are not zero. */
export function clockShort(us: number, zone: Zone): string {
  const time = clock(us, zone);
  return time.endsWith(':00') ? time.slice(0, 5) : time;
}

/** RFC 3339 text in µs; digits beyond are cut. */
export function microseconds(text: string): number {
  const [whole, fraction = ''] = text.replace(/Z$/, '').split('.');
  return Date.parse(`${whole ?? ''}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** RFC 3339 text with all its digits, in the zone: `2026-03-03 09:41:38.062217`. */
export function exact(text: string, zone: Zone): string {
  const fraction = /\.\d+/.exec(text)?.[0] ?? '';
  return dateTime(microseconds(text), zone) + fraction;
}

/** The same without the day. */
export function exactClock(text: string, zone: Zone): string {
  return exact(text, zone).slice(11);
}

/** A time as the filter language and the host read it, always UTC. */
export function literal(us: number): string {
  return dateTime(us, 'utc');
}

/** `UTC`, or the offset of the computer's zone at that time: `UTC+02:00`. */
export function zoneName(us: number, zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const minutes = -new Date(us / 1000).getTimezoneOffset();
  const sign = minutes < 0 ? '−' : '+';
  const size = Math.abs(minutes);
  return minutes === 0 ? 'UTC' : `UTC${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** `2026-03-03 09:41`, or with seconds where they are not zero: what {@link parsed} reads. */
export function moment(us: number, zone: Zone): string {
  return `${day(us, zone)} ${clockShort(us, zone)}`;
}

/** A day, or a day and a time, as people type it in their zone. Nothing if it is none. Unit: µs. */
export function parsed(text: string, zone: Zone): number | null {
  const form = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/;
  const found = form.exec(text.trim());
  if (!found) return null;
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const given = [year, month - 1, date, hour, minute, second] as const;
  const us = (zone === 'utc' ? Date.UTC(...given) : new Date(...given).getTime()) * 1000;
  // The 30th of February is read as another day, which is not what was written.
  const again = dateTime(us, zone);
  return again.startsWith(text.trim().replace('T', ' ')) ? us : null;
}

/** A length of time: `850 ms`, `41 s`, `5 min`, `2 h 5 min`, `3 d 4 h`. Unit: seconds. */
export function duration(seconds: number): string {
  if (seconds < 0.0095) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
