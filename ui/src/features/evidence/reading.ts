/** Flow logs whose columns cannot be told, and what is said of them. */
import type { ProblemObject } from '../../lib/bindings';

/** Kinds of problem that another reading, with the columns named, may end. */
const UNTOLD = ['flowlog.ambiguous_layout', 'flowlog.no_layout'];

/** Whether what a load says of a file is that its columns are not known. */
export function isUntold(problem: string | null): boolean {
  return problem?.startsWith('no header line, and') ?? false;
}

/** The problem among an item's that says so. */
export function untoldAmong(problems: readonly ProblemObject[]): ProblemObject | null {
  return problems.find(({ kind }) => UNTOLD.includes(kind)) ?? null;
}

/** The layouts that would fit, as the problem lists them: `… fit: (version …) or (version …)`. */
export function candidates(problem: string): string[] {
  const [, listed] = /several layouts fit: (.*)$/s.exec(problem) ?? [];
  return [...(listed ?? '').matchAll(/\(([^()]+)\)/g)].map(([, layout]) => layout ?? '');
}
