const MOST = 1_000;

/** Notes how long something took since `start`, for whoever reads the page's performance entries. */
export function measured(name: string, start: number): void {
  if (performance.getEntriesByName(name).length >= MOST) performance.clearMeasures(name);
  performance.measure(name, { start });
}
