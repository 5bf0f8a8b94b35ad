/** Flow records in words. */
import type { ClockObject, ConversationObject, FlowListRow, Order } from '../../lib/bindings';
import { endpoint, protocol } from '../../lib/format/names';
import { count, counted } from '../../lib/format/numbers';
import { clock, dateTime, day, type Zone } from '../../lib/format/time';
import type { Place, Selected } from '../../state/navigation.svelte';

/** A record in a line: what a mark is about, for whoever reads it. */
export function about(row: FlowListRow, zone: Zone): string {
  const at = row.start_us === null ? `line ${count(row.line)}` : dateTime(row.start_us, zone);
  if (row.srcaddr === null || row.dstaddr === null) return `${row.log_status ?? 'record'}, ${at}`;
  return `${endpoint(row.srcaddr, row.srcport)} → ${endpoint(row.dstaddr, row.dstport)}, ${at}`;
}

/** `14:21:07 – 14:22:03`, with the days where they differ. */
export function stretch(from: number | null, to: number | null, zone: Zone): string {
  if (from === null && to === null) return 'not known';
  const written = (us: number | null): string => (us === null ? '?' : dateTime(us, zone));
  if (from === null || to === null || day(from, zone) !== day(to, zone)) {
    return `${written(from)} – ${written(to)}`;
  }
  return `${written(from)} – ${clock(to, zone)}`;
}

/** How the capture's clock stands to the log's. */
export function clockOffset({ seconds, uncertainty, pairs, pinned }: ClockObject): string {
  if (seconds === null) return 'not known: too few packets and records to compare';
  const sign = seconds < 0 ? '−' : '+';
  const size = `${sign}${Math.abs(seconds).toFixed(3)} s`;
  const about = uncertainty === null ? '' : ` ± ${uncertainty.toFixed(3)}`;
  const side = seconds === 0 ? '' : seconds > 0 ? ' ahead' : ' behind';
  const from = pinned ? 'set by the examiner' : `from ${counted(pairs, 'pair')}`;
  return `capture is ${size}${about}${side}, ${from}`;
}

export function between(conversation: ConversationObject): string {
  const { client, client_port, server, server_port } = conversation;
  return `${endpoint(client, client_port)} → ${endpoint(server, server_port)}`;
}

export function applicationOf({ application, protocol: number }: ConversationObject): string {
  return application ?? protocol(number);
}

/** `12 packets · 3,104 B`. */
export function amount(packets: number | null, bytes: number | null): string {
  const parts = [
    packets === null ? null : counted(packets, 'packet'),
    bytes === null ? null : `${count(bytes)} B`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'not known' : parts.join(' · ');
}

/** Which part of what was recorded was seen, 0 to 1; nothing where it cannot be told. */
export function shareSeen(row: FlowListRow): number | null {
  const { packets, packets_seen } = row;
  if (packets === null || packets_seen === null) return null;
  return packets === 0 ? 1 : Math.min(1, packets_seen / packets);
}

/** What is selected, in a line: `bytes > 1kB · 2026-03-03 09:00:00 – 10:00:00 · by bytes, largest first`. */
export function selectionWords(
  { filter, brush, order, allSources }: Selected & Pick<Place, 'order'>,
  zone: Zone,
): string {
  return [
    filter === '' ? 'every record' : filter,
    brush && stretch(brush.from_us, brush.to_us, zone),
    order && orderWords(order),
    allSources ? 'all sources' : null,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** `by bytes, largest first`. */
export function orderWords({ field, descending }: Order): string {
  return `by ${field}${descending ? ', largest first' : ''}`;
}

/** Between how many packets may be its own: `between 60 and 66 packets`; nothing where that is certain. */
export function rangeSeen(row: FlowListRow): string | null {
  const { packets_seen_min: least, packets_seen_max: most } = row;
  if (least === null || most === null || least === most) return null;
  return `between ${count(least)} and ${counted(most, 'packet')}`;
}
