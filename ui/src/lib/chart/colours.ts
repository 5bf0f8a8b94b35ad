/** The tokens' values: a canvas knows no custom properties. */

const TOKENS = [
  'accent',
  'accept',
  'captured',
  'dim',
  'faint',
  'finding',
  'gap',
  'line-soft',
  'panel',
  'reject',
] as const;

export type Token = (typeof TOKENS)[number];
export type Palette = Record<Token, string> & { font: string };

export function palette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colours = TOKENS.map((token) => [token, style.getPropertyValue(`--${token}`).trim()]);
  return { ...(Object.fromEntries(colours) as Record<Token, string>), font: style.fontFamily };
}

/** Calls back when another theme is set; answers how to stop. */
export function onTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
