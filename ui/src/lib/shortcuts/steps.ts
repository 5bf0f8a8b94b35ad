const PAGE = 10;

/** Where a key leads to in a list that stands at `at`; nothing if the key does not move. */
export function step(key: string, at: number, count: number): number | null {
  const to = {
    ArrowUp: at - 1,
    ArrowDown: at + 1,
    PageUp: at - PAGE,
    PageDown: at + PAGE,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined || count === 0 ? null : Math.max(0, Math.min(to, count - 1));
}
