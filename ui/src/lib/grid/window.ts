/**
 * Which rows a list shows, and where its scrollbar stands.
 *
 * The list's position is `top`: the row at the upper edge times its height, and the pixels of it that are hidden.
 * Engines cap how tall an element may be (WebKit: 33.5 million px), so the element that scrolls is shorter than
 * a long list, and its scrollbar only follows `top` in proportion.
 */

/** Height of a row. Unit: px. */
export const ROW = 24;

/** The tallest element that scrolls. Unit: px. */
export const TALLEST = 15_000_000;

/** Rows drawn beyond either edge. */
const BEYOND = 4;

export interface Extent {
  rows: number;
  /** Of the part that is seen. Unit: px. */
  height: number;
}

/** Height of the element that scrolls. Unit: px. */
export function drawnHeight({ rows }: Extent): number {
  return Math.min(rows * ROW, TALLEST);
}

/** The furthest that the list goes. Unit: px. */
export function furthest({ rows, height }: Extent): number {
  return Math.max(0, rows * ROW - height);
}

export function clamped(top: number, extent: Extent): number {
  return Math.max(0, Math.min(Math.round(top), furthest(extent)));
}

/** Where the scrollbar stands for the list to stand at `top`. */
export function scrollbarAt(top: number, extent: Extent): number {
  return clamped(top, extent) / ratio(extent);
}

/** Where the list stands when the scrollbar was moved to `scrolled`. */
export function topAt(scrolled: number, extent: Extent): number {
  return clamped(scrolled * ratio(extent), extent);
}

function ratio(extent: Extent): number {
  const drawn = drawnHeight(extent) - extent.height;
  return drawn > 0 ? furthest(extent) / drawn : 1;
}

/** How many rows there are elements for. */
export function slotCount({ height }: Extent): number {
  return Math.ceil(height / ROW) + 1 + 2 * BEYOND;
}

/** The first row that has an element. */
export function firstDrawn(top: number): number {
  return Math.max(0, Math.floor(top / ROW) - BEYOND);
}

/** The row that element `slot` of `slots` shows: of rows that stay drawn, the element stays the same. */
export function rowIn(slot: number, first: number, slots: number): number {
  return first + ((((slot - first) % slots) + slots) % slots);
}

/** Rows of which something is seen; `to` is the first behind them. */
export function seen(top: number, { rows, height }: Extent): { from: number; to: number } {
  const from = Math.floor(top / ROW);
  return { from, to: Math.max(from, Math.min(rows, Math.ceil((top + height) / ROW))) };
}

/** Rows that a page up or down passes: one of what was seen stays. */
export function pageLength({ height }: Extent): number {
  return Math.max(1, Math.floor(height / ROW) - 1);
}

/** Where the list stands to show the row, with the least movement. */
export function revealed(row: number, top: number, extent: Extent): number {
  const [upper, lower] = [row * ROW, (row + 1) * ROW];
  if (upper < top || lower - upper > extent.height) return clamped(upper, extent);
  return lower > top + extent.height ? clamped(lower - extent.height, extent) : top;
}

/** Pixels that a turn of the wheel means. */
export function wheeled(delta: number, mode: number, extent: Extent): number {
  if (mode === 1) return delta * ROW;
  return mode === 2 ? delta * pageLength(extent) * ROW : delta;
}
