import { expect, test } from 'vitest';
import { NO_HOST } from '../../tests/host';
import type { CaseObject, Status } from '../lib/bindings';
import { ACTIONS, available } from './actions';
import { NOWHERE, type Place } from './navigation.svelte';
import { Workbench } from './workbench.svelte';

const action = ACTIONS.find(({ keys }) => keys === 'a');

function workbench(overlapping_records: number, place: Partial<Place>): Workbench {
  const made = new Workbench(NO_HOST);
  made.case = { path: 'a.tidemark' } as CaseObject;
  made.status = { overlapping_records } as Status;
  made.navigation.reset({ ...NOWHERE, ...place });
  return made;
}

test('all sources are counted where several have the same, and each record once again', () => {
  const opened = workbench(3, { view: 'compare' });
  const { navigation } = opened;
  action?.run(opened);
  expect(navigation.here).toMatchObject({ view: 'compare', allSources: true });
  navigation.back();
  expect(navigation.here.allSources).toBe(false);
  // From a view that shows nothing of it, it leads to one that does.
  navigation.go({ view: 'report' });
  action?.run(opened);
  expect(navigation.here).toMatchObject({ view: 'flows', allSources: true });
});

test('where nothing overlaps there is nothing to switch on, but what is on can be switched off', () => {
  const can = (overlapping: number, place: Partial<Place>): boolean =>
    action !== undefined && available(action, workbench(overlapping, place));
  expect(can(0, { view: 'flows' })).toBe(false);
  expect(can(1, { view: 'flows' })).toBe(true);
  expect(can(0, { view: 'flows', allSources: true })).toBe(true);
});
