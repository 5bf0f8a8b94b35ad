import type { ReconciledObject } from '../../lib/bindings';

/** Which minutes are listed. */
export type Reconciled = 'all' | 'lost';

/** Whether flow records count packets that no capture holds. */
export function hasLoss(row: ReconciledObject): boolean {
  return row.lost > 0;
}

/** How much of what was recorded was seen. Only all of it is 100 %, only nothing is 0 %. */
export function seenShare(row: ReconciledObject): string {
  if (row.recorded === 0) return 'nothing recorded';
  if (row.seen >= row.recorded) return '100 %';
  if (row.seen === 0) return '0 %';
  const share = (100 * row.seen) / row.recorded;
  return `${Math.min(99.9, Math.max(0.1, share)).toFixed(1)} %`;
}
