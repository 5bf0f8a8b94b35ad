/** Values of fields, as people read them and as the filter language writes them. */
import { protocol } from '../format/names';
import { added, clause } from './clauses';

/** Protocols that the filter language knows by name. */
const NAMED = ['icmp', 'igmp', 'tcp', 'udp', 'gre', 'esp', 'ah', 'icmpv6', 'sctp'];

/** Stands in a pair for the field that a record lacks. */
const LACKING = '-';

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

/** The fields of a key: of `srcaddr,dstaddr` two. */
export function fieldsOf(key: string): string[] {
  return key.split(',').map((field) => field.trim());
}

/** The value of a key in words; those of several fields with an arrow between them. */
export function shownKey(key: string, value: string | null): string {
  return (
    parts(key, value)
      ?.map(([field, part]) => shown(field, part))
      .join(' → ') ?? String(value)
  );
}

/** The filter, narrowed to this value of a key; nothing if the value does not tell what its parts are. */
export function narrowed(filter: string, key: string, value: string | null): string | null {
  return (
    parts(key, value)?.reduce(
      (text, [field, part]) => added(text, clause(field, written(field, part))),
      filter,
    ) ?? null
  );
}

/** Each field with its own value. The host parts those of several fields by spaces. */
function parts(key: string, value: string | null): [string, string | null][] | null {
  const fields = fieldsOf(key);
  if (fields.length === 1) return [[key, value]];
  const texts = value?.split(' ') ?? [];
  if (texts.length !== fields.length) return null;
  return fields.map((field, at) => {
    const text = texts[at] ?? LACKING;
    return [field, text === LACKING ? null : text];
  });
}
