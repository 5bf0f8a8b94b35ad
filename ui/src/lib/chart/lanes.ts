/** The rows below the histogram: what flow logs and captures there are, and what was marked when. */
import type { Lanes, Span } from '../bindings';
import { GAP_KINDS, type GapKind } from '../format/gaps';
import type { Stretch } from './buckets';

export interface Mark {
  us: number;
  kind: 'finding' | 'note' | 'tag';
  title: string;
}

export interface LaneRow {
  id: string;
  label: string;
  kind: 'interface' | 'session' | 'coverage';
  /** How many lanes are left out after this one. */
  more: number;
  spans: Span[];
}

/** From one lane to the next, and a lane's own height. Unit: px. */
export const PITCH = 16;
export const HEIGHT = 9;

const INTERFACES = 4;
const SESSIONS = 3;

export function laneRows(lanes: Lanes | null): LaneRow[] {
  if (!lanes) return [];
  const interfaces = lanes.interfaces.slice(0, INTERFACES);
  const sessions = lanes.sessions.slice(0, SESSIONS);
  const left = (shown: number, all: number, index: number): number =>
    index === shown - 1 ? Math.max(0, all - shown) : 0;
  return [
    ...interfaces.map(({ id, label, spans }, index): LaneRow => {
      const all = Math.max(lanes.interfaces_total, lanes.interfaces.length);
      return { id, label, spans, kind: 'interface', more: left(interfaces.length, all, index) };
    }),
    ...sessions.map(({ id, label, spans }, index): LaneRow => {
      const more = left(sessions.length, lanes.sessions.length, index);
      return { id, label, spans, kind: 'session', more };
    }),
    ...(lanes.coverage ? [{ ...lanes.coverage, kind: 'coverage', more: 0 } satisfies LaneRow] : []),
  ];
}

/** A span in pixels. */
export interface Box {
  kind: Span['kind'];
  left: number;
  right: number;
}

/** Spans as they can be seen: cut to the range, a pixel wide at least, those that touch as one. */
export function boxes(spans: Span[], range: Stretch, pixels: number): Box[] {
  const scale = pixels / (range.to_us - range.from_us);
  const seen: Box[] = [];
  for (const { kind, from_us, to_us } of spans) {
    if (to_us <= range.from_us || from_us >= range.to_us) continue;
    const left = Math.max(0, (from_us - range.from_us) * scale);
    const right = Math.max(left + 1, Math.min(pixels, (to_us - range.from_us) * scale));
    const before = seen.at(-1);
    if (before?.kind === kind && left >= before.left && left - before.right < 0.5) {
      before.right = Math.max(before.right, right);
    } else {
      seen.push({ kind, left, right });
    }
  }
  return seen;
}

/** The kinds of gaps that some row has, for a legend. */
export function gapKinds(rows: LaneRow[]): GapKind[] {
  return GAP_KINDS.filter((kind) =>
    rows.some(({ spans }) => spans.some((span) => span.kind === kind)),
  );
}

/** Spans that may lie on others. */
const ABOVE: Span['kind'][] = ['skipdata', 'suspected_missing_file', 'silence'];

/** The span at a moment. Gaps go before what they may lie on. */
export function spanAt(spans: Span[], us: number, tolerance: number): Span | null {
  const near = spans.filter(
    (span) => span.from_us - tolerance <= us && us < span.to_us + tolerance,
  );
  const within = near.filter((span) => span.from_us <= us && us < span.to_us);
  const found = within.length > 0 ? within : near;
  return found.find(({ kind }) => ABOVE.includes(kind)) ?? found[0] ?? null;
}

/** The nearest mark to a moment. */
export function markAt(marks: Mark[], us: number, tolerance: number): Mark | null {
  let nearest: Mark | null = null;
  let distance = tolerance;
  for (const mark of marks) {
    const far = Math.abs(mark.us - us);
    if (far <= distance) [nearest, distance] = [mark, far];
  }
  return nearest;
}

/** What the lane of marks holds, in words. */
export function marksLabel(marks: Mark[]): string {
  const names: [Mark['kind'], string][] = [
    ['tag', 'tags'],
    ['note', 'notes'],
    ['finding', 'findings'],
  ];
  const present = names.filter(([kind]) => marks.some((mark) => mark.kind === kind));
  return present.length > 0 ? present.map(([, name]) => name).join(' · ') : 'tags · findings';
}
