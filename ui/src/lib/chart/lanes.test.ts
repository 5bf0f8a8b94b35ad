import { describe, expect, it } from 'vitest';
import type { Lane, Span } from '../bindings';
import { boxes, gapKinds, laneRows, markAt, marksLabel, spanAt, type Mark } from './lanes';

const span = (from_us: number, to_us: number, kind: Span['kind'] = 'records'): Span => ({
  from_us,
  to_us,
  kind,
});
const lanes = (number: number, name: string): Lane[] =>
  Array.from({ length: number }, (_, index) => ({ id: `${name}${index}`, label: name, spans: [] }));

describe('rows', () => {
  it('are four interfaces and three sessions at most; the last says what is left out', () => {
    const rows = laneRows({
      interfaces: lanes(4, 'eni'),
      sessions: lanes(5, 'vni'),
      interfaces_total: 7,
      coverage: { id: 'coverage', label: 'recorded packets seen', spans: [] },
    });
    expect(rows.map((row) => row.more)).toEqual([0, 0, 0, 3, 0, 0, 2, 0]);
    expect(rows.map((row) => row.kind).slice(3, 5)).toEqual(['interface', 'session']);
  });

  it('have a legend of the gaps that there are', () => {
    const spans = [span(0, 1, 'silence'), span(1, 2), span(2, 3, 'nodata'), span(4, 5, 'silence')];
    const interfaces = [{ id: 'eni', label: 'eni', spans }];
    const rows = laneRows({ interfaces, sessions: [], coverage: null, interfaces_total: 1 });
    expect(gapKinds(rows)).toEqual(['nodata', 'silence']);
  });

  it('are none before the lanes are known', () => {
    expect(laneRows(null)).toEqual([]);
  });
});

describe('boxes', () => {
  const range = { from_us: 1000, to_us: 2000 };

  it('are cut to the range', () => {
    expect(boxes([span(0, 1500), span(2000, 2500)], range, 100)).toEqual([
      { kind: 'records', left: 0, right: 50 },
    ]);
  });

  it('join what touches and is alike', () => {
    const spans = [span(1000, 1100), span(1100, 1200), span(1200, 1300, 'skipdata')];
    expect(boxes(spans, range, 100)).toEqual([
      { kind: 'records', left: 0, right: 20 },
      { kind: 'skipdata', left: 20, right: 30 },
    ]);
  });

  it('are never too narrow to be seen', () => {
    expect(boxes([span(1500, 1501)], range, 100)).toEqual([
      { kind: 'records', left: 50, right: 51 },
    ]);
  });
});

describe('what is under the pointer', () => {
  it('is the span that holds it, a gap before anything else', () => {
    const spans = [span(0, 100), span(50, 60, 'skipdata')];
    expect(spanAt(spans, 55, 0)?.kind).toBe('skipdata');
    expect(spanAt(spans, 10, 20)?.kind).toBe('records');
    expect(spanAt(spans, 200, 5)).toBeNull();
  });

  it('is the nearest mark within reach', () => {
    const marks: Mark[] = [
      { us: 100, kind: 'tag', title: 'scan' },
      { us: 110, kind: 'finding', title: 'SQL injection' },
    ];
    expect(markAt(marks, 108, 20)?.title).toBe('SQL injection');
    expect(markAt(marks, 200, 20)).toBeNull();
    expect(marksLabel(marks)).toBe('tags · findings');
  });
});
