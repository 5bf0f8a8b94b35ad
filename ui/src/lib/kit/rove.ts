import { step } from '../shortcuts/steps';

const SIDEWAYS: Record<string, string> = { ArrowLeft: 'ArrowUp', ArrowRight: 'ArrowDown' };

/**
 * Makes the buttons of an element one stop of the Tab key: the arrows, Home, End and the page keys move within.
 * The markup gives the first of them `tabindex="0"` and the others `-1`.
 */
export function rove(container: HTMLElement) {
  const stops = () => [...container.querySelectorAll<HTMLElement>('button:not(:disabled)')];

  function onkeydown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = stops();
    const at = all.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    const to = step(SIDEWAYS[event.key] ?? event.key, at, all.length);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    all[to]?.focus();
  }

  function onfocusin(event: FocusEvent): void {
    const all = stops();
    if (!all.includes(event.target as HTMLElement)) return;
    for (const stop of all) stop.tabIndex = stop === event.target ? 0 : -1;
  }

  container.addEventListener('keydown', onkeydown);
  container.addEventListener('focusin', onfocusin);
  return {
    destroy() {
      container.removeEventListener('keydown', onkeydown);
      container.removeEventListener('focusin', onfocusin);
    },
  };
}
