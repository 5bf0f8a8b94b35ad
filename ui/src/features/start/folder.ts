/** What the folder of a new case is called. */

const LONGEST = 60;

/** The number, or else the title, as a part of a path: `ir-2026-041`. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '');
}

/** The folder that a case gets if nobody says otherwise. */
export function caseFolder(parent: string, number: string, title: string): string {
  const name = slug(number) || slug(title) || 'case';
  return `${parent.replace(/\/+$/, '')}/${name}.tidemark`;
}

/** The folder that holds a path. */
export function parentOf(path: string): string {
  return path.replace(/\/+$/, '').split('/').slice(0, -1).join('/');
}
