import type { TransactionObject } from '../../lib/bindings';
import { bytes, count } from '../../lib/format/numbers';
import { exact, microseconds, zoneName, type Zone } from '../../lib/format/time';
import { visible } from '../../lib/format/visible';
import type { Column } from '../../lib/grid/column';

/** What was asked: `GET shop.example.net /products?id=1`, `shop.example.net A`. */
export function what(row: TransactionObject): string {
  if (row.asked !== null) return visible(row.asked) || 'no greeting of the client was captured';
  const asked =
    row.qname === null
      ? [row.method, row.host, row.uri_decoded ?? row.uri]
      : [row.qname, row.qtype];
  return visible(asked.filter((part) => part !== null).join(' ')) || 'no request was captured';
}

/** What came back: a status, or a response code with the answers. */
export function answer(row: TransactionObject): string {
  if (row.answered !== null) return visible(row.answered) || 'none';
  if (row.status !== null) return String(row.status);
  if (row.rcode === null) return 'none';
  return visible([row.rcode, (row.answers ?? []).join(', ')].filter(Boolean).join(' · '));
}

/** How the answer went: `captured` where it went well. */
export function tone(row: TransactionObject): string {
  if (row.answered) return 'captured';
  if (row.status !== null) return row.status < 400 ? 'captured' : 'reject';
  if (row.rcode !== null) return row.rcode === 'NOERROR' ? 'captured' : 'reject';
  return 'faint';
}

/** Bodies of request and response. */
export function sizes(
  { request_body_size, response_body_size }: TransactionObject,
  written: (number: number) => string,
): string {
  if (request_body_size === null && response_body_size === null) return '–';
  return [request_body_size, response_body_size]
    .map((size) => (size === null ? '–' : written(size)))
    .join(' / ');
}

export function columns(zone: Zone): Column<TransactionObject>[] {
  return [
    {
      name: 'time',
      title: 'time',
      width: 202,
      mono: true,
      text: (row) => exact(row.time, zone).slice(0, 23),
      exact: (row) => `${exact(row.time, zone)} ${zoneName(microseconds(row.time), zone)}`,
    },
    { name: 'protocol', title: 'protocol', width: 72, text: (row) => row.protocol },
    { name: 'what', title: 'what', width: 'rest', mono: true, text: what },
    { name: 'answer', title: 'answer', width: 168, mono: true, text: answer, tone },
    {
      name: 'sizes',
      title: 'bodies → / ←',
      width: 124,
      align: 'end',
      text: (row) => sizes(row, bytes),
      exact: (row) => sizes(row, (number) => `${count(number)} B`),
    },
    {
      name: 'complete',
      title: 'complete',
      width: 86,
      text: (row) => (row.complete ? 'complete' : 'incomplete'),
      tone: (row) => (row.complete ? 'dim' : 'reject'),
    },
  ];
}
