/** Where exported records go. */
import { stamped } from '../../lib/format/names';

/** Records as tables, or their packets as a capture. */
export const ENDINGS = ['csv', 'parquet', 'pcapng'] as const;
export type Ending = (typeof ENDINGS)[number];

/** A file in a folder, of a name that was not there a second ago. */
export function exportPath(folder: string, ending: Ending, now: Date): string {
  return stamped(folder, ending === 'pcapng' ? 'packets' : 'flow-records', ending, now);
}

/** The ending that a path has, if it is one of those. */
export function endingOf(path: string): Ending | null {
  return ENDINGS.find((ending) => path.endsWith(`.${ending}`)) ?? null;
}

/** The path with another ending. */
export function withEnding(path: string, ending: Ending): string {
  const own = endingOf(path);
  return `${own ? path.slice(0, -own.length - 1) : path}.${ending}`;
}
