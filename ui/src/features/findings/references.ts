/** What tags, notes and findings point at, by content. */
import { fileName } from '../../lib/format/names';
import { count } from '../../lib/format/numbers';

export type ReferenceKind = 'record' | 'packet' | 'conversation' | 'evidence';

export interface Reference {
  kind: ReferenceKind;
  /** What the commands call it by. */
  id: string;
  /** SHA-256 of the file that holds it. */
  evidence: string;
  /** Line of a record, offset of a packet. */
  place: number | null;
}

const FORM = /^(record|packet|conversation|evidence):(([0-9a-f]{64})(?:[:@](\d+))?)$/;

/** Reads `record:SHA256:LINE`, `packet:SHA256@OFFSET`, `conversation:SHA256@OFFSET` or `evidence:SHA256`. */
export function reference(text: string): Reference | null {
  const [, kind, id, evidence, place] = FORM.exec(text) ?? [];
  if (!kind || !id || !evidence) return null;
  return {
    kind: kind as ReferenceKind,
    id,
    evidence,
    place: place === undefined ? null : Number(place),
  };
}

/** `Record, line 8,114 of 9b1c.log.gz`; `path` is that of the file, where it is known. */
export function referenceWords({ kind, evidence, place }: Reference, path: string | null): string {
  const file = path === null ? `${evidence.slice(0, 8)}…` : fileName(path);
  const at = count(place ?? 0);
  switch (kind) {
    case 'record':
      return `Record, line ${at} of ${file}`;
    case 'packet':
      return `Packet at offset ${at} of ${file}`;
    case 'conversation':
      return `Conversation from offset ${at} of ${file}`;
    case 'evidence':
      return `Evidence item ${file}`;
  }
}

const KINDS: [ReferenceKind, string][] = [
  ['record', 'records'],
  ['conversation', 'conversations'],
  ['packet', 'packets'],
  ['evidence', 'evidence items'],
];

/** `12 records, 1 conversation`. */
export function referencesCounted(texts: readonly string[]): string {
  return KINDS.flatMap(([kind, many]) => {
    const number = texts.filter((text) => text.startsWith(`${kind}:`)).length;
    if (number === 0) return [];
    return [`${count(number)} ${number === 1 ? many.slice(0, -1) : many}`];
  }).join(', ');
}
