/** Filters as text: a clause added, taken away, looked for. */
import { quoted } from '../format/filter';
import { isBare, read, type Token } from './grammar';

/** The test that a field has this value; `null` is that it has none. */
export function clause(field: string, value: string | null): string {
  if (value === null) return `!${field}`;
  return `${field} == ${isBare(value) ? value : quoted(value)}`;
}

/** The test that it has not. */
export function excluding(field: string, value: string | null): string {
  return value === null ? field : `!(${clause(field, value)})`;
}

export function has(filter: string, wanted: string): boolean {
  return find(filter, wanted) !== null;
}

/** The filter, narrowed by a clause. */
export function added(filter: string, clause: string): string {
  const text = filter.trim();
  if (text === '') return clause;
  return isAlternative(text) ? `(${text}) && ${clause}` : `${text} && ${clause}`;
}

/** The filter without a clause. */
export function removed(filter: string, wanted: string): string {
  const parts = conjuncts(filter);
  const found = find(filter, wanted);
  return parts
    .filter((part) => part !== found && !same(part, found))
    .map(({ text }) => text)
    .join(' && ');
}

export function toggled(filter: string, clause: string): string {
  return has(filter, clause) ? removed(filter, clause) : added(filter, clause);
}

/** A part of a filter that must hold with all the others. */
interface Part {
  text: string;
  /** The same for texts that mean the same. */
  meaning: string;
}

function find(filter: string, wanted: string): Part | null {
  const { meaning } = part(wanted);
  return conjuncts(filter).find((part) => part.meaning === meaning) ?? null;
}

function same(a: Part, b: Part | null): boolean {
  return a.meaning === b?.meaning;
}

function part(text: string): Part {
  return { text: text.trim(), meaning: read(text).tokens.map(meaning).join(' ') };
}

function meaning({ role, text }: Token): string {
  if (role === 'field') return text.replaceAll('-', '_');
  if (role === 'value' && /^["']/.test(text)) {
    const inner = text.slice(1, -1).replace(/\\(["'\\])/g, '$1');
    return isBare(inner) ? inner : JSON.stringify(inner);
  }
  const written = text.toLowerCase();
  if (role === 'operator') return { eq: '==', not: '!' }[written] ?? written;
  return role === 'value' ? text : written;
}

/** The parts between the `&&` that stand in no brackets; the whole where `||` stands beside them. */
function conjuncts(filter: string): Part[] {
  if (filter.trim() === '') return [];
  if (isAlternative(filter)) return [part(filter)];
  const parts: Part[] = [];
  let from = 0;
  for (const token of outer(filter)) {
    if (!isJoin(token, '&&', 'and')) continue;
    parts.push(part(filter.slice(from, token.from)));
    from = token.to;
  }
  return [...parts, part(filter.slice(from))];
}

function isAlternative(filter: string): boolean {
  return outer(filter).some((token) => isJoin(token, '||', 'or'));
}

function isJoin({ role, text }: Token, ...names: string[]): boolean {
  return role === 'operator' && names.includes(text.toLowerCase());
}

/** The tokens that stand in no brackets. */
function outer(filter: string): Token[] {
  let depth = 0;
  return read(filter).tokens.filter(({ text, role }) => {
    if (role === 'bracket' && text === '(') depth += 1;
    if (role === 'bracket' && text === ')') depth -= 1;
    return depth === 0;
  });
}
