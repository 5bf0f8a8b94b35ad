/** What the editor offers: fields, operators and values, each where it can stand. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { FilterFieldObject } from '../bindings';
import { quoted } from '../format/filter';
import { isBare, read, type Expected } from './grammar';

export interface Place {
  expected: Expected;
  field: string | null;
  /** Where the word begins that is being written. */
  from: number;
}

/** What can stand where the text ends; a word that touches the end is still being written. */
export function placeAt(text: string): Place {
  const { tokens } = read(text);
  const last = tokens.at(-1);
  const written = last && last.to === text.length && isUnfinished(last.text) ? last.from : null;
  const { expected, field } = read(text.slice(0, written ?? text.length));
  return { expected, field, from: written ?? text.length };
}

/** Text, an open quote, or the beginning of an operator; not a whole symbol. */
function isUnfinished(text: string): boolean {
  const closed = text.length > 1 && /^(["']).*\1$/.test(text);
  return (
    !closed &&
    /^["'\p{Alphabetic}\p{N}_\-.:/@+*=&|]/u.test(text) &&
    !/^(==|&&|\|\||\.\.)$/.test(text)
  );
}

const KNOWN: Record<string, string[]> = {
  action: ['ACCEPT', 'REJECT'],
  log_status: ['OK', 'NODATA', 'SKIPDATA'],
  flow_direction: ['ingress', 'egress'],
  type: ['IPv4', 'IPv6', 'EFA'],
  protocol: ['tcp', 'udp', 'icmp', 'icmpv6', 'igmp', 'gre', 'esp', 'ah', 'sctp'],
  verdict: ['full', 'partial', 'none', 'excess', 'not_comparable'],
  coverage: ['full', 'partial', 'none', 'excess', 'not_comparable'],
  reason: [
    'no_capture',
    'not_a_mirror_source',
    'rejected_before_mirror',
    'never_mirrored',
    'outside_capture',
    'missing_packets',
    'window_edge',
    'truncated',
    'overlapping',
    'unexplained',
  ],
};

/** Whose values are worth asking for: those that repeat. */
const ASKED: FilterFieldObject['kind'][] = ['text', 'address', 'int', 'port', 'asnumber', 'code'];

const EQUAL = ['==', '!=', 'in {}'];
/** Kinds whose values have no order. */
const UNORDERED: FilterFieldObject['kind'][] = ['address', 'scope', 'code'];
const ORDERED = ['==', '!=', '<', '<=', '>', '>=', 'in {}'];
const TEXT = ['==', '!=', 'contains', 'matches', 'in {}'];
const LISTS = ['tag', 'reason'];

export function operatorsOf(field: FilterFieldObject | undefined): string[] {
  if (!field) return ORDERED;
  if (UNORDERED.includes(field.kind)) return EQUAL;
  if (field.kind !== 'text') return ORDERED;
  return LISTS.includes(field.name) ? TEXT.filter((operator) => operator !== 'matches') : TEXT;
}

export async function valuesOf(
  field: FilterFieldObject | undefined,
  ask: (field: string) => Promise<string[]>,
): Promise<string[]> {
  if (!field) return [];
  const known = KNOWN[field.name];
  if (known) return known;
  if (!ASKED.includes(field.kind)) return field.values;
  // Those that the records have come first, then those that there are.
  return [...(await ask(field.name).catch(() => [])), ...field.values];
}

/** A source of completions for CodeMirror. */
export function completions(
  fields: () => FilterFieldObject[],
  ask: (field: string) => Promise<string[]>,
): (context: CompletionContext) => Promise<CompletionResult | null> {
  return async (context) => {
    const text = context.state.sliceDoc(0, context.pos);
    const { expected, field: name, from } = placeAt(text);
    const begun = from < context.pos;
    if (!begun && !context.explicit && !/[\s({,]$|^$/.test(text)) return null;
    const field = fields().find((field) => field.name === name);
    const options = await optionsAt(expected, field, fields(), ask);
    // Nothing to add where a whole value stands already.
    const written = text.slice(from);
    if (options.length === 0 || (options.length === 1 && options[0]?.label === written))
      return null;
    return {
      from,
      options,
      validFor: expected === 'operator' ? /^[=!<>a-z]*$/i : /^[^\s(){},=!<>&|]*$/,
    };
  };
}

async function optionsAt(
  expected: Expected,
  field: FilterFieldObject | undefined,
  fields: FilterFieldObject[],
  ask: (field: string) => Promise<string[]>,
): Promise<Completion[]> {
  switch (expected) {
    case 'field':
      return fields.map(({ name, kind, about }) => ({
        label: name,
        detail: kind,
        info: about,
        apply: `${name} `,
      }));
    case 'operator':
      return [...operatorsOf(field), '&&', '||'].map(operator);
    case 'set':
      return [operator('{}')];
    case 'value':
    case 'item':
      return (await valuesOf(field, ask)).map((value, place) => ({
        label: isBare(value) ? value : quoted(value),
        boost: -place,
      }));
    case 'join':
      return ['&&', '||'].map(operator);
    case 'comma':
      return [];
  }
}

const ABOUT: Record<string, string> = {
  '==': 'is',
  '!=': 'is not',
  '<': 'less than',
  '<=': 'at most',
  '>': 'more than',
  '>=': 'at least',
  contains: 'has this text in it',
  matches: 'fits a regular expression',
  'in {}': 'is one of',
  '{}': 'one of',
  '&&': 'and',
  '||': 'or',
};

/** Braces are closed at once, and the cursor goes between them. */
function operator(label: string, place = 0): Completion {
  return {
    label,
    detail: ABOUT[label] ?? '',
    boost: -place,
    apply: label.endsWith('{}')
      ? (view, _, from, to) =>
          view.dispatch({
            changes: { from, to, insert: label },
            selection: { anchor: from + label.length - 1 },
          })
      : `${label} `,
  };
}
