/** Which evidence items the list shows, and in which order. */
import type { EvidenceObject, Order } from '../../lib/bindings';
import { kindName } from '../../lib/format/kinds';

/** Whether not everything in it was read, or something in it breaks its own rules. */
export function isTroubled(item: EvidenceObject): boolean {
  return (
    item.rejected_lines > 0 ||
    item.anomalies > 0 ||
    item.presence !== 'present' ||
    ['flow_log_utf16', 'empty', 'unrecognised'].includes(item.kind)
  );
}

/** The items whose name, kind or hash holds each of the words. */
export function listed(
  items: readonly EvidenceObject[],
  words: string,
  troubledOnly: boolean,
  order: Order | null,
): EvidenceObject[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = items.filter((item) => {
    if (troubledOnly && !isTroubled(item)) return false;
    const text = `${item.path} ${kindName(item.kind)} ${item.sha256}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  if (order === null) return kept;
  const sign = order.descending ? -1 : 1;
  return kept.sort((a, b) => sign * compare(value(a, order.field), value(b, order.field)));
}

function value(item: EvidenceObject, field: string): string | number {
  switch (field) {
    case 'kind':
      return kindName(item.kind);
    case 'size':
    case 'flow_records':
    case 'packets':
    case 'rejected_lines':
    case 'anomalies':
    case 'sha256':
      return item[field];
    default:
      return item.path;
  }
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}
