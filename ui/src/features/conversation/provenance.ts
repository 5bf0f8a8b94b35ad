/** From bytes of a stream to the packets that carried them, in words. */
import type { Turn } from '../../lib/bindings';
import { count, counted } from '../../lib/format/numbers';
import { exactClock, type Zone } from '../../lib/format/time';
import type { Span } from './turns';

const NAMED = 6;

export interface Provenance {
  lead: string;
  packets: PacketName[];
  tail: string;
}

export interface PacketName {
  id: string;
  label: string;
}

/** What else is known, by the packet's identifier. */
export interface Knowledge {
  numberOf: (packet: string) => number | null;
  sha256Of: (packet: string) => string;
  /** The time of a packet by the clock of the flow logs, where it differs. */
  correctedOf: (packet: string) => string | null;
  zone: Zone;
  /** `stream` or `datagrams`. */
  whole: string;
  /** Whether something is missing in this direction, so that bytes are counted as captured. */
  broken: boolean;
}

/** The packet's number; where that is not known, its place in its file. */
export function packetName(
  { packet, frame }: Pick<Turn, 'packet' | 'frame'>,
  numberOf: Knowledge['numberOf'],
): PacketName {
  const number = numberOf(packet);
  return { id: packet, label: number === null ? `frame ${count(frame)}` : count(number) };
}

/** `carriers`: the turns that hold bytes of the span, in the order of these. */
export function provenance(
  span: Span,
  carriers: readonly Turn[],
  known: Knowledge,
): Provenance | null {
  const [first] = carriers;
  if (!first) return null;
  const bytes = known.broken ? 'Captured bytes' : 'Bytes';
  const one = carriers.length === 1;
  const lead = `${bytes} ${count(span.from + 1)}–${count(span.to)} of the ${span.direction}’s ${known.whole} were carried by ${one ? 'packet' : 'packets'}`;
  const packets = carriers.slice(0, NAMED).map((turn) => packetName(turn, known.numberOf));
  const rest = carriers.length - packets.length;
  const more = rest > 0 ? ` and ${counted(rest, 'more', 'more')}` : '';
  const offset = first.offset + Math.max(0, span.from - first.start);
  const from = [
    `${one ? '' : 'from '}${first.evidence}, offset ${count(offset)}`,
    `SHA-256 of the file ${shorter(known.sha256Of(first.packet))}`,
    seen(first, known),
  ];
  return { lead, packets, tail: `${more}: ${from.filter(Boolean).join(', ')}.` };
}

function seen({ time, packet }: Turn, { zone, correctedOf }: Knowledge): string {
  if (time === null) return '';
  const corrected = correctedOf(packet);
  const also = corrected ? ` (${exactClock(corrected, zone)} by the clock of the flow logs)` : '';
  return `seen ${exactClock(time, zone)}${also}`;
}

function shorter(hash: string): string {
  return hash.length > 10 ? `${hash.slice(0, 4)}…${hash.slice(-4)}` : hash;
}
