/** The columns of the flow grid. */
import type { FlowListRow } from '../../lib/bindings';
import { protocol } from '../../lib/format/names';
import { bytes, count } from '../../lib/format/numbers';
import { clock, dateTime, type Zone } from '../../lib/format/time';
import { badge } from '../../lib/format/verdict';
import type { Column } from '../../lib/grid/column';

type FlowColumn = Column<FlowListRow>;

/**
 * Where there is little room, what is least missed goes, and the others are as wide as what they hold most times;
 * where there is much, IPv6 addresses stand in full.
 */
export type Room = 'little' | 'fair' | 'much';

export interface Manner {
  zone: Zone;
  /** Every record lies in one day: the clock is enough. */
  oneDay: boolean;
  room: Room;
}

export function flowColumns({ zone, oneDay, room }: Manner): FlowColumn[] {
  const start: FlowColumn = {
    name: 'start',
    title: 'start',
    width: oneDay ? 78 : 156,
    mono: true,
    sort: 'start',
    text: ({ start_us }) => time(start_us, oneDay ? clock : dateTime, zone),
    exact: ({ start_us }) => time(start_us, dateTime, zone),
  };
  const columns = [start, ...COLUMNS];
  if (room === 'fair') return columns;
  if (room === 'much') return columns.map((column) => widened(column, WIDE));
  return columns
    .filter(({ name }) => !SPARED.includes(name))
    .map((column) => widened(column, oneDay ? { ...NARROW, start: 74 } : NARROW));
}

function widened(column: FlowColumn, widths: Record<string, number>): FlowColumn {
  return { ...column, width: widths[column.name] ?? column.width };
}

/** Unit: px. */
const WIDE: Record<string, number> = { srcaddr: 284, dstaddr: 284 };

/** What the record beside the list says too. */
const SPARED = ['srcport', 'packets'];
/** Unit: px. */
const NARROW: Record<string, number> = {
  srcaddr: 107,
  dstaddr: 107,
  dstport: 54,
  protocol: 36,
  bytes: 60,
  action: 58,
  captured: 72,
};

function time(us: number | null, form: (us: number, zone: Zone) => string, zone: Zone): string {
  return us === null ? '' : form(us, zone);
}

function number(value: number | null): string {
  return value === null ? '' : String(value);
}

function address(name: 'srcaddr' | 'dstaddr'): FlowColumn {
  return { name, title: name, width: 116, mono: true, sort: name, text: (row) => row[name] ?? '' };
}

function port(name: 'srcport' | 'dstport'): FlowColumn {
  const text = (row: FlowListRow) => number(row[name]);
  return { name, title: name, width: 60, align: 'end', mono: true, sort: name, text };
}

/** What happened to the traffic; where a record tells of none, why. */
function outcome({ action, log_status }: FlowListRow): string {
  return action ?? log_status ?? '';
}

const TONES: Record<string, string> = { ACCEPT: 'accept strong', REJECT: 'reject strong' };

const COLUMNS: FlowColumn[] = [
  address('srcaddr'),
  port('srcport'),
  address('dstaddr'),
  port('dstport'),
  {
    name: 'protocol',
    title: 'proto',
    width: 50,
    sort: 'protocol',
    text: (row) => (row.protocol === null ? '' : protocol(row.protocol)),
  },
  {
    name: 'packets',
    title: 'packets',
    width: 64,
    align: 'end',
    sort: 'packets',
    text: ({ packets }) => (packets === null ? '' : count(packets)),
    exact: ({ packets }) => number(packets),
  },
  {
    name: 'bytes',
    title: 'bytes',
    width: 68,
    align: 'end',
    sort: 'bytes',
    text: (row) => (row.bytes === null ? '' : bytes(row.bytes)),
    exact: (row) => number(row.bytes),
  },
  {
    name: 'action',
    title: 'action',
    width: 68,
    sort: 'action',
    text: outcome,
    tone: (row) => TONES[row.action ?? ''] ?? 'faint strong',
  },
  {
    name: 'captured',
    title: 'captured',
    width: 112,
    sort: 'verdict',
    text: (row) => badge(row.verdict, row.reason, row.packets_seen, row.packets),
  },
  {
    name: 'marks',
    title: 'tags, findings',
    width: 'rest',
    text: ({ tags }) => tags.join(', '),
  },
];
