/** Stretches without flow records: what each kind is called, and no more of it than can be known. */
import type { GapRow } from '../bindings';
import { microseconds } from './time';

export const GAP_KINDS = ['nodata', 'skipdata', 'suspected_missing_file', 'silence'] as const;
export type GapKind = (typeof GAP_KINDS)[number];

export function isGap(kind: string): kind is GapKind {
  return (GAP_KINDS as readonly string[]).includes(kind);
}

interface GapWords {
  /** In a legend. */
  short: string;
  name: string;
  means: string;
  /** What does not follow from it. */
  open: string;
}

export const GAPS: Record<GapKind, GapWords> = {
  nodata: {
    short: 'NODATA',
    name: 'no traffic (NODATA)',
    means: 'the log states that nothing was sent or received',
    open: 'Traffic that flow logs never record may have been there all the same.',
  },
  skipdata: {
    short: 'SKIPDATA',
    name: 'records skipped (SKIPDATA)',
    means: 'the log states it; what they would have said is not known',
    open: 'There may have been traffic that no record tells of.',
  },
  suspected_missing_file: {
    short: 'missing file suspected',
    name: 'a file may be missing',
    means: 'suspected, since files before and after it have records',
    open: 'Nothing states that a file was written: delivery is best effort, and a copy may be incomplete.',
  },
  silence: {
    short: 'silence',
    name: 'silence',
    means: 'there is no row, and nothing says why',
    open: 'No traffic, no logging and no file look the same here.',
  },
};

export function isGapKind(kind: string): kind is GapKind {
  return kind in GAPS;
}

/** What a kind is called; one that is not known here, as the wire names it. */
export function gapName(kind: string): string {
  return isGapKind(kind) ? GAPS[kind].name : kind.replaceAll('_', ' ');
}

/** How many there are of each kind that there is. */
export function gapCounts(gaps: readonly GapRow[]): [GapKind, number][] {
  return GAP_KINDS.map((kind): [GapKind, number] => [
    kind,
    gaps.filter((gap) => gap.kind === kind).length,
  ]).filter(([, number]) => number > 0);
}

/** The gaps that reach into a stretch of time; of one interface alone where the filter names it. */
export function gapsWithin(
  gaps: readonly GapRow[],
  { from_us, to_us }: { from_us: number; to_us: number },
  filter: string,
): GapRow[] {
  const within = gaps.filter(
    ({ from, to }) => microseconds(from) < to_us && from_us < microseconds(to),
  );
  const named = within.filter(({ interface_id }) => filter.includes(interface_id));
  return named.length > 0 ? named : within;
}
