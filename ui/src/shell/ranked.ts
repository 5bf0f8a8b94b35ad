/**
 * The items that hold the letters of `typed` in order, best first: where they stand together, and early.
 * Nothing typed leaves the order as it is.
 */
export function ranked<T>(items: readonly T[], typed: string, text: (item: T) => string): T[] {
  const wanted = typed.toLowerCase().replace(/\s+/g, '');
  if (wanted === '') return [...items];
  return items
    .map((item) => ({ item, cost: cost(text(item).toLowerCase(), wanted) }))
    .filter(({ cost }) => cost !== null)
    .sort((a, b) => (a.cost ?? 0) - (b.cost ?? 0))
    .map(({ item }) => item);
}

/** Letters passed over before and between the wanted ones; nothing if one is missing. */
function cost(text: string, wanted: string): number | null {
  const whole = text.indexOf(wanted);
  if (whole >= 0) return whole / 100;
  let at = -1;
  let skipped = 0;
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    skipped += next - at - 1;
    at = next;
  }
  return 1 + skipped;
}
