/**
 * The filter language as far as the editor needs it: pieces of a text, what each is, and what could follow.
 * Whether a text is a filter, only the host says.
 */

export type Role = 'field' | 'operator' | 'value' | 'word' | 'bracket' | 'bad';

export interface Token {
  from: number;
  to: number;
  text: string;
  role: Role;
}

/** What could follow: in a set, an item or what parts two items. */
export type Expected = 'field' | 'operator' | 'value' | 'set' | 'item' | 'comma' | 'join';

export interface Reading {
  tokens: Token[];
  expected: Expected;
  /** The field that an operator or a value is about. */
  field: string | null;
}

type Kind = 'symbol' | 'quoted' | 'open' | 'word' | 'unknown';

// A backslash in quotes escapes a quote or itself; two dots end a word.
const LEXEMES: [Kind, RegExp][] = [
  ['symbol', /==|!=|<=|>=|&&|\|\||\.\.|[<>!(){},]/y],
  ['quoted', /"(?:\\["'\\]|[^"\\]|\\(?!["'\\]))*"|'(?:\\["'\\]|[^'\\]|\\(?!["'\\]))*'/y],
  ['open', /["'][^]*/y],
  ['word', /(?:(?!\.\.)[\p{Alphabetic}\p{N}_\-.:/@+*])+/uy],
  ['unknown', /[^\s]/uy],
];

const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'];
const TEXT_OPERATORS = ['contains', 'matches'];
const JOINS = ['&&', '||', 'and', 'or'];

interface Lexeme {
  from: number;
  text: string;
  kind: Kind;
}

function lexemes(text: string): Lexeme[] {
  const found: Lexeme[] = [];
  let from = 0;
  while (from < text.length) {
    if (/\s/.test(text.charAt(from))) {
      from += 1;
      continue;
    }
    const lexeme = lexemeAt(text, from);
    found.push(lexeme);
    from += lexeme.text.length;
  }
  return found;
}

function lexemeAt(text: string, from: number): Lexeme {
  for (const [kind, pattern] of LEXEMES) {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    if (match) return { from, text: match[0], kind };
  }
  return { from, text: text.charAt(from), kind: 'unknown' };
}

export function read(text: string): Reading {
  const tokens: Token[] = [];
  let expected: Expected = 'field';
  let field: string | null = null;
  let existing = false;
  for (const { from, text: piece, kind } of lexemes(text)) {
    const word = piece.toLowerCase();
    const literal = kind === 'word' || kind === 'quoted';
    let role: Role = 'bad';
    if (kind === 'unknown' || kind === 'open') {
      // Stays bad; an open quote is a value in the making.
    } else if (expected === 'field') {
      if (word === '(') role = 'bracket';
      else if (word === '!' || word === 'not') role = 'operator';
      else if (word === 'exists') [role, existing] = ['word', true];
      else if (kind === 'word') {
        [role, field] = ['field', piece.replaceAll('-', '_')];
        expected = existing ? 'join' : 'operator';
        existing = false;
      }
    } else if (expected === 'operator' && OPERATORS.includes(word)) {
      [role, expected] = ['operator', 'value'];
    } else if (expected === 'operator' && TEXT_OPERATORS.includes(word)) {
      [role, expected] = ['operator', 'value'];
    } else if (expected === 'operator' && word === 'in') {
      [role, expected] = ['operator', 'set'];
    } else if (expected === 'operator' || expected === 'join') {
      if (JOINS.includes(word)) [role, expected] = ['operator', 'field'];
      else if (word === ')') [role, expected] = ['bracket', 'join'];
      // A time of day behind its date.
      else if (expected === 'join' && /^\d/.test(piece)) role = 'value';
    } else if (expected === 'value' && literal) {
      [role, expected] = ['value', 'join'];
    } else if (expected === 'set' && word === '{') {
      [role, expected] = ['bracket', 'item'];
    } else if (expected === 'item' && literal) {
      [role, expected] = ['value', 'comma'];
    } else if (expected === 'comma') {
      if (word === ',' || word === '..') [role, expected] = ['bracket', 'item'];
      else if (word === '}') [role, expected] = ['bracket', 'join'];
      else if (/^\d/.test(piece)) role = 'value';
    }
    tokens.push({ from, to: from + piece.length, text: piece, role });
  }
  return { tokens, expected, field };
}

/** Whether the text can stand for itself, without quotes. */
export function isBare(text: string): boolean {
  return /^[\w\-.:/@+*]+$/.test(text) && !text.includes('..');
}
