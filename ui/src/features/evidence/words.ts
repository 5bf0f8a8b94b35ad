/** What the names on the wire are called. */
import type {
  CandidateObject,
  CaptureFactKind,
  ClockObject,
  LocationObject,
  SessionObject,
} from '../../lib/bindings';
import { count, counted } from '../../lib/format/numbers';

const FAILURES: Record<string, string> = {
  evidence_changed: 'Evidence was changed',
  evidence_missing: 'Evidence is gone',
  evidence_unreadable: 'Evidence cannot be read',
  export_changed: 'An exported file was changed',
  export_missing: 'An exported file is gone',
  export_unreadable: 'An exported file cannot be read',
  journal_unreadable: 'A journal entry cannot be read',
  journal_sum: 'A journal entry was changed',
  journal_seq: 'A journal entry is missing or was put in',
  journal_prev: 'The journal’s chain is broken',
  journal_tail_cut: 'The journal ends in the middle of an entry',
  journal_empty: 'The journal is empty',
  journal_head: 'The journal does not hold the anchor',
  journal_case_toml: 'case.toml says something else than the journal',
};

/** What is not what it was. */
export function failureName(what: string): string {
  return FAILURES[what] ?? sentence(plain(what));
}

/** Where evidence lies: the file, and the way into the archive that it is. */
export function placeText({ path, member }: LocationObject): string {
  return member === null ? path : `${path}!${member}`;
}

const ACTS: Record<string, string> = {
  case_created: 'made the case',
  evidence_added: 'added evidence',
  evidence_located: 'found evidence at a place',
  evidence_refused: 'did not take a file',
  begin: 'began',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  tag_set: 'tagged',
  tag_removed: 'took a tag off',
  note_added: 'wrote a note',
  finding_made: 'made a finding',
  finding_changed: 'changed a finding',
  finding_withdrawn: 'withdrew a finding',
  view_saved: 'saved a view',
  view_forgotten: 'forgot a view',
  exported: 'exported',
};

/** What was done. */
export function actName(act: string): string {
  return ACTS[act] ?? plain(act);
}

/** How a collector's clock stands to the flow logs'. */
export function clockSentence(clock: ClockObject): string {
  if (clock.seconds === null) {
    return 'Its clock could not be compared: too few records match its packets.';
  }
  const seconds = Math.abs(clock.seconds).toFixed(2);
  const said =
    clock.seconds === 0
      ? 'The clocks agree'
      : `The capture is ${seconds} s ${clock.seconds > 0 ? 'ahead of' : 'behind'} the flow logs`;
  const known = clock.uncertainty === null ? '' : ` ± ${clock.uncertainty.toFixed(2)} s`;
  const from = clock.pinned
    ? 'pinned by the examiner'
    : `estimated from ${counted(clock.pairs, 'pair')} of packet and record`;
  return `${said}${known}, ${from}.`;
}

/** What the estimate of a clock would be, while it is set by hand. */
export function estimateSentence(clock: ClockObject): string {
  const { estimated_seconds: seconds, estimated_uncertainty: open } = clock;
  if (seconds === null || open === null) return 'It could not be estimated.';
  const sign = seconds < 0 ? '−' : '+';
  const pairs = counted(clock.pairs, 'pair');
  return `The estimate is ${sign}${Math.abs(seconds).toFixed(3)} s ± ${open.toFixed(3)} s, from ${pairs}.`;
}

/** How the interface of a mirror session is known. */
export function basisWords({ basis, candidates, looked_for }: SessionObject): string {
  if (basis === 'confirmed') return 'confirmed by the examiner';
  if (basis === 'stated') return 'stated by the AWS inventory';
  const [best] = candidates;
  const shared = best
    ? `${count(best.tuples)} of ${counted(looked_for, 'connection')} stand in its flow records`
    : 'no flow record has one of its connections';
  return basis === 'inferred' ? `inferred: ${shared}` : `not known: ${shared}`;
}

export function candidateWords({ interface_id, tuples }: CandidateObject): string {
  return `${interface_id}: ${count(tuples)} in common`;
}

function plain(name: string): string {
  return name.replaceAll(/[_.]/g, ' ');
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const FACTS: Record<CaptureFactKind, string> = {
  comment: 'Comment',
  drops: 'Counters',
  name: 'Name',
  secrets: 'Keys',
};

/** What kind of thing a capture says. */
export function factKind(kind: CaptureFactKind): string {
  return FACTS[kind];
}
