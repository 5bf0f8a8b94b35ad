/** A flow record as a filter finds it. */
import type { FlowListRow } from '../../lib/bindings';
import { endpoint, protocol } from '../../lib/format/names';

/** The records of the same tuple and direction. */
export function tupleFilter(row: FlowListRow): string {
  const terms: [string, string | number | null][] = [
    ['srcaddr', row.srcaddr],
    ['dstaddr', row.dstaddr],
    ['srcport', row.srcport],
    ['dstport', row.dstport],
    ['protocol', row.protocol === null ? null : protocol(row.protocol)],
  ];
  return terms
    .filter(([, value]) => value !== null)
    .map(([field, value]) => `${field} == ${value ?? ''}`)
    .join(' && ');
}

export function fromTo(row: FlowListRow): string {
  const source = row.srcaddr === null ? '–' : endpoint(row.srcaddr, row.srcport);
  const target = row.dstaddr === null ? '–' : endpoint(row.dstaddr, row.dstport);
  return `${source} → ${target}`;
}
