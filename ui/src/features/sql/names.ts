/** What a statement can ask about. */
import type { SqlTable } from '../../lib/bindings';

export const COLUMNS_STATEMENT =
  'SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL';

/** The documented ones: views first, for they have addresses as text. */
const KNOWN: [name: string, about: string][] = [
  ['flows', 'Flow records as written, with the evidence they came from and their verdict'],
  ['flow_details', 'The columns of the filter language'],
  ['conversation_details', 'Conversations with addresses and times as text'],
  ['addresses', 'Addresses of the records, and what they are known as'],
  ['flow_records', 'Flow records as kept: addresses as two numbers'],
  ['conversations', 'Conversations as kept: addresses as two numbers, times in ns'],
  ['transactions', 'HTTP and DNS, decoded'],
  ['coverage', 'What the captures hold of each flow record'],
  ['evidence', 'Evidence items'],
  ['rejected_lines', 'Lines of flow logs that could not be read'],
  ['anomalies', 'Where files break the rules of their formats'],
  ['payload_anomalies', 'Where streams and messages break the rules of their protocols'],
  ['sidecars', 'Other files that came with the evidence'],
  ['tags', 'Tags on flow records'],
];

export const VIEWS = 4;

export interface Named {
  name: string;
  about: string;
  columns: { name: string; type: string }[];
}

/** The documented views and tables with their columns, from the answer to {@link COLUMNS_STATEMENT}. */
export function named(answer: SqlTable): Named[] {
  const columns = new Map<string, Named['columns']>();
  for (const [table, name, type] of answer.rows) {
    if (table == null || name == null) continue;
    const known = columns.get(table) ?? [];
    known.push({ name, type: (type ?? '').toLowerCase() });
    columns.set(table, known);
  }
  return KNOWN.map(([name, about]) => ({ name, about, columns: columns.get(name) ?? [] }));
}

/** Words of the language among the columns' names. */
const RESERVED = new Set(['all', 'desc', 'end', 'from', 'group', 'limit', 'offset', 'order', 'to']);

/** A name as a statement must write it. */
export function written(name: string): string {
  const plain = /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name);
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}
