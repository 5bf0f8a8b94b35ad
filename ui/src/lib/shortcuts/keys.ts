/** Keys as the table of actions writes them: `p`, `/`, `Ctrl+K`, `Alt+ArrowLeft`, `Shift+Tab`. */

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** Whether the pressed key is the one that is written. Ctrl is Command on a Mac. */
export function matches(written: string, pressed: Pressed): boolean {
  const words = written.split('+');
  const key = words.at(-1) === '' ? '+' : (words.at(-1) ?? '');
  const wants = (name: string): boolean => words.slice(0, -1).includes(name);
  const letter = key.length === 1;
  return (
    (letter ? pressed.key.toLowerCase() === key.toLowerCase() : pressed.key === key) &&
    (pressed.ctrlKey || pressed.metaKey) === wants('Ctrl') &&
    pressed.altKey === wants('Alt') &&
    // `?` and `/` need Shift on some keyboards and not on others.
    (letter && !/[a-z]/i.test(key) ? true : pressed.shiftKey === wants('Shift'))
  );
}

/** Whether keys go into a text that is being written, and not to the window. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select') || isEditor(target);
}

/** The filter editor keeps its text in a shadow root; the host element stands for it. */
function isEditor(target: HTMLElement): boolean {
  return target.dataset['editor'] !== undefined;
}
