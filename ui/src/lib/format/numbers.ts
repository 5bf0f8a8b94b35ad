/** Numbers as people read them. */

/** `20,104,332`. */
export function count(number: number): string {
  // The same for every user: a report and its reader must not differ over a comma.
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 record`, `2 records`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** A number of bytes in powers of 1000: `512 B`, `41.2 kB`, `1.9 GB`. */
export function bytes(number: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = number;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : 1;
  return `${size.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** `96.8 %`; never rounded up to 100 or down to 0. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  if (share < 1 && share > 0.999) return '> 99.9 %';
  const number = share * 100;
  return `${Number.isInteger(number) || number >= 99.95 ? number.toFixed(0) : number.toFixed(1)} %`;
}

/** Short, for axes: `850`, `12k`, `1.5M`. */
export function short(number: number): string {
  const steps: [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [step, letter] of steps) {
    if (number >= step) return `${Number((number / step).toPrecision(3))}${letter}`;
  }
  return String(number);
}
