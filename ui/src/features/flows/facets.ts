/** The fields that stand beside the grid with their most frequent values. */
import { protocol } from '../../lib/format/names';

export interface Facet {
  field: string;
  title: string;
}

export const FACETS: readonly Facet[] = [
  { field: 'srcaddr', title: 'srcaddr' },
  { field: 'dstaddr', title: 'dstaddr' },
  { field: 'dstport', title: 'dstport' },
  { field: 'protocol', title: 'protocol' },
  { field: 'action', title: 'action' },
  { field: 'verdict', title: 'captured' },
  { field: 'interface_id', title: 'interface_id' },
];

/** Protocols that the filter language knows by name. */
const NAMED = ['icmp', 'igmp', 'tcp', 'udp', 'gre', 'esp', 'ah', 'icmpv6', 'sctp'];

/** A value in words. */
export function shown(field: string, value: string | null): string {
  if (value === null) return 'absent';
  if (field === 'protocol') return protocol(Number(value));
  return field === 'verdict' ? value.replaceAll('_', ' ') : value;
}

/** A value as the filter language writes it, but for quotes. */
export function written(field: string, value: string | null): string | null {
  if (field !== 'protocol' || value === null) return value;
  const name = protocol(Number(value));
  return NAMED.includes(name) ? name : value;
}
