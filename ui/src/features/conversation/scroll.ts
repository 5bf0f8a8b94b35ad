/** Long lists in a short element: browsers cap how tall an element may be, lists have no such end. */

/** The tallest element that every engine draws. Unit: px. */
const TALLEST = 16_000_000;

export interface Extent {
  /** Height of what is shown, if it were drawn in full. Unit: px. */
  length: number;
  /** Height of the part that is seen. */
  seen: number;
}

/** Height that the scrolled element has. */
export function drawnHeight({ length }: Extent): number {
  return Math.min(length, TALLEST);
}

/** Where in the list the upper edge stands when the element is scrolled to `scrolled`. */
export function topAt(scrolled: number, extent: Extent): number {
  return scrolled * ratio(extent);
}

/** How far to scroll so that `top` stands at the upper edge. */
export function scrolledFor(top: number, extent: Extent): number {
  const last = Math.max(0, extent.length - extent.seen);
  return Math.max(0, Math.min(top, last)) / ratio(extent);
}

function ratio(extent: Extent): number {
  const drawn = drawnHeight(extent) - extent.seen;
  return drawn > 0 ? (extent.length - extent.seen) / drawn : 1;
}

/** The upper edge that brings `[from, to)` into view with the least movement. */
export function revealing(from: number, to: number, top: number, seen: number): number {
  if (from < top || to - from > seen) return from;
  return to > top + seen ? to - seen : top;
}
