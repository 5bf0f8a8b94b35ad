/** What the captures hold of a record, in words. */

/** A verdict as the grid's badge says it. `seen` and `recorded` count packets. */
export function badge(
  verdict: string | null,
  reason: string | null,
  seen: number | null,
  recorded: number | null,
): string {
  switch (verdict) {
    case 'full':
      return reason === 'truncated' ? 'full · cut' : 'full';
    case 'partial':
    case 'excess':
      return `${seen ?? '?'}/${recorded ?? '?'}`;
    case 'none':
      return REASONS[reason ?? ''] ?? 'none';
    case 'not_comparable':
      return REASONS[reason ?? ''] ?? 'not comparable';
    default:
      return '–';
  }
}

const REASONS: Record<string, string> = {
  no_capture: 'no capture',
  not_a_mirror_source: 'no source',
  rejected_before_mirror: 'rejected',
  never_mirrored: 'never mirrored',
  outside_capture: 'outside capture',
  missing_packets: 'missing',
  window_edge: 'window edge',
  overlapping: 'overlapping',
};

/** A headline for the detail: `Captured, 2 of 60 packets missing`. */
export function headline(
  verdict: string | null,
  seen: number | null,
  recorded: number | null,
): string {
  const missing = (recorded ?? 0) - (seen ?? 0);
  switch (verdict) {
    case 'full':
      return 'Captured in full';
    case 'partial':
      return missing > 0
        ? `Captured, ${missing} of ${recorded ?? 0} packets missing`
        : 'Captured in part';
    case 'excess':
      return 'More captured than recorded';
    case 'none':
      return 'Not captured';
    case 'not_comparable':
      return 'Not comparable';
    default:
      return 'No packets to look for';
  }
}
