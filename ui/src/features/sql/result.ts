import type { SqlTable } from '../../lib/bindings';

/** Columns that hold numbers only. */
export function numeric({ columns, rows }: SqlTable): boolean[] {
  return columns.map((_, index) => {
    const values = rows.map((row) => row[index] ?? null).filter((value) => value !== null);
    return values.length > 0 && values.every((value) => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value));
  });
}

/** The result as spreadsheets take it; a tab or a line's end within a value becomes a space. */
export function tsv({ columns, rows }: SqlTable): string {
  const line = (cells: (string | null)[]): string =>
    cells.map((cell) => (cell ?? '').replace(/[\t\r\n]+/g, ' ')).join('\t');
  return [line(columns), ...rows.map(line)].join('\n');
}
