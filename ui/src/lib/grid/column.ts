import type { Order } from '../bindings';

/** A column of a grid of rows `R`. */
export interface Column<R> {
  name: string;
  title: string;
  /** Unit: px. One column takes the rest. */
  width: number | 'rest';
  align?: 'end';
  mono?: boolean;
  /** The field to sort by; without it, the column does not sort. */
  sort?: string;
  /** What the cell shows, its tooltip says and a copy takes. */
  text(row: R): string;
  /** For tooltip and copy, where the cell's text is rounded or cut. */
  exact?(row: R): string;
  /** A class such as `accept`, `reject`, `faint`. */
  tone?(row: R): string;
}

/** The column that takes the rest keeps at least this much. Unit: px. */
const LEAST_REST = 40;

/** The columns' widths as CSS writes them. */
export function template<R>(columns: readonly Column<R>[]): string {
  return columns
    .map(({ width }) => (width === 'rest' ? `minmax(${LEAST_REST}px, 1fr)` : `${width}px`))
    .join(' ');
}

/** The width below which the grid scrolls sideways. Unit: px. */
export function leastWidth<R>(columns: readonly Column<R>[]): number {
  return columns.reduce((sum, { width }) => sum + (width === 'rest' ? LEAST_REST : width), 0);
}

export function exactText<R>(column: Column<R>, row: R): string {
  return column.exact?.(row) ?? column.text(row);
}

/** The order after a click on a column's header: ascending, descending, the list's own. */
export function nextOrder(order: Order | null, field: string): Order | null {
  if (order?.field !== field) return { field, descending: false };
  return order.descending ? null : { field, descending: true };
}

/** Rows as spreadsheets take them; a tab or a line's end within a cell becomes a space. */
export function tsv<R>(columns: readonly Column<R>[], rows: readonly R[]): string {
  const line = (row: R): string =>
    columns.map((column) => exactText(column, row).replace(/[\t\r\n]+/g, ' ')).join('\t');
  return rows.map(line).join('\n');
}
