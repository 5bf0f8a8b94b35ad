/** A list that hangs below its button, as a popover: where it stands, and how keys walk in it. */

/** A popover stands in the top layer and knows nothing of the button below which it belongs. */
export function placeBelow(list: HTMLElement, button: HTMLElement): void {
  const { bottom, right } = button.getBoundingClientRect();
  list.style.top = `${bottom + 4}px`;
  list.style.right = `${Math.max(8, document.documentElement.clientWidth - right)}px`;
}

/** Moves the focus among `stops` by the arrows, Home and End, and by `page` stops by the page keys if it is given. */
export function walk(event: KeyboardEvent, stops: HTMLElement[], page?: number): void {
  const now = stops.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = {
    ArrowDown: now + 1,
    ArrowUp: now - 1,
    Home: 0,
    End: stops.length - 1,
    ...(page === undefined ? {} : { PageDown: now + page, PageUp: now - page }),
  };
  const next = steps[event.key];
  if (next === undefined) return;
  event.preventDefault();
  stops[Math.max(0, Math.min(stops.length - 1, next))]?.focus();
}
