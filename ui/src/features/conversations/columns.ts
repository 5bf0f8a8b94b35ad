import type { ConversationObject } from '../../lib/bindings';
import { endpoint, protocol } from '../../lib/format/names';
import { bytes, count } from '../../lib/format/numbers';
import { exact, zoneName, microseconds, type Zone } from '../../lib/format/time';
import type { Column } from '../../lib/grid/column';

export function client(row: ConversationObject): string {
  return endpoint(row.client, row.client_port);
}

export function server(row: ConversationObject): string {
  return endpoint(row.server, row.server_port);
}

/** Whose traffic was mirrored: the interface, or what is known of the session. */
export function place(row: ConversationObject): string {
  const { interface_id, vni, key, source, tunnelled, duplicate_of } = row;
  const session = [source, vni === null ? key : `VNI ${vni}`].filter(Boolean).join(' ');
  const mirrored = interface_id ?? (session || 'not mirrored');
  const known = tunnelled ? `in a tunnel · ${mirrored}` : mirrored;
  return duplicate_of === null ? known : `copy · ${known}`;
}

export function columns(zone: Zone): Column<ConversationObject>[] {
  return [
    {
      name: 'first',
      title: 'first packet',
      width: 186,
      mono: true,
      sort: 'first',
      // To the millisecond: more digits than that are for the tooltip.
      text: (row) => exact(row.first, zone).slice(0, 23),
      exact: (row) => `${exact(row.first, zone)} ${zoneName(microseconds(row.first), zone)}`,
    },
    {
      name: 'client',
      title: 'client',
      width: 152,
      mono: true,
      sort: 'client',
      text: client,
      tone: () => 'client',
    },
    {
      name: 'server',
      title: 'server',
      width: 152,
      mono: true,
      sort: 'server',
      text: server,
      tone: () => 'server',
    },
    {
      name: 'protocol',
      title: 'proto',
      width: 48,
      sort: 'protocol',
      text: (row) => protocol(row.protocol),
    },
    {
      name: 'application',
      title: 'application',
      width: 74,
      sort: 'application',
      text: (row) => row.application ?? '–',
      tone: (row) => (row.application === null ? 'faint' : ''),
    },
    {
      name: 'packets',
      title: 'packets → / ←',
      width: 92,
      align: 'end',
      sort: 'packets',
      text: (row) => `${count(row.packets_client)} / ${count(row.packets_server)}`,
    },
    {
      name: 'bytes',
      title: 'bytes → / ←',
      width: 118,
      align: 'end',
      sort: 'bytes',
      text: (row) => `${bytes(row.bytes_client)} / ${bytes(row.bytes_server)}`,
      exact: (row) => `${count(row.bytes_client)} B / ${count(row.bytes_server)} B`,
    },
    {
      name: 'interface',
      title: 'interface or session',
      width: 162,
      mono: true,
      text: place,
      tone: (row) => (row.interface_id === null || row.duplicate_of !== null ? 'dim' : ''),
    },
    {
      name: 'community_id',
      title: 'Community ID',
      width: 'rest',
      mono: true,
      text: (row) => row.community_id,
      tone: () => 'dim',
    },
  ];
}
