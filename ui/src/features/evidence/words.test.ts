import { expect, test } from 'vitest';
import type { ClockObject } from '../../lib/bindings';
import { kindName } from '../../lib/format/kinds';
import { actName, clockSentence, failureName, placeText } from './words';

test('names of the wire are said in words, and unknown ones as they are', () => {
  expect(kindName('zeek_conn')).toBe('Zeek conn.log');
  expect(kindName('netflow_v9')).toBe('netflow v9');
  expect(failureName('evidence_changed')).toBe('Evidence was changed');
  expect(failureName('manifest_line')).toBe('Manifest line');
  expect(actName('finding_withdrawn')).toBe('withdrew a finding');
});

test('a place is a file, and the way into it where it is an archive', () => {
  expect(placeText({ path: '/e/a.zip', member: null })).toBe('/e/a.zip');
  expect(placeText({ path: '/e/a.zip', member: 'b.tar!c.log' })).toBe('/e/a.zip!b.tar!c.log');
});

const clock = (known: Partial<ClockObject>): ClockObject => ({
  collector: 'a',
  evidence: [],
  seconds: 2.31,
  uncertainty: 0.04,
  pairs: 128,
  pinned: false,
  estimated_seconds: 2.31,
  estimated_uncertainty: 0.04,
  ...known,
});

test('a clock is ahead, behind, agrees, or says nothing', () => {
  expect(clockSentence(clock({}))).toBe(
    'The capture is 2.31 s ahead of the flow logs ± 0.04 s, estimated from 128 pairs of packet and record.',
  );
  expect(clockSentence(clock({ seconds: -0.5, uncertainty: null, pinned: true }))).toBe(
    'The capture is 0.50 s behind the flow logs, pinned by the examiner.',
  );
  expect(clockSentence(clock({ seconds: 0 }))).toMatch(/^The clocks agree ± 0.04 s/);
  expect(clockSentence(clock({ seconds: null }))).toMatch(/could not be compared/);
});
