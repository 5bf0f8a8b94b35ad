import { expect, test } from 'vitest';
import { NO_HOST } from '../../../tests/host';
import type { Host } from '../../lib/host';
import { FlowQuery, type Question } from './query.svelte';

const question = (filter: string): Question => ({
  ...{ filter, brush: null, allSources: false, order: null, record: null },
  ...{ range: () => null, pixels: 0, facets: false, generation: 0, loading: false },
});

test('a question that is given up for what is there already leaves nothing waiting', async () => {
  const answers: Record<string, unknown> = {
    open_view: { view: 1, rows: 0, records_total: 0 },
    lanes: { interfaces: [], sessions: [], interfaces_total: 0 },
  };
  const never = new Promise<never>(() => undefined);
  const ask = ((command: string, request: { selection?: { filter: string | null } }) =>
    request.selection?.filter === 'slow'
      ? never
      : Promise.resolve(answers[command])) as Host['ask'];
  const query = new FlowQuery({ ...NO_HOST, ask }, () => undefined);
  const ended = async (): Promise<void> => {
    const { rounds } = query;
    while (query.rounds === rounds) await Promise.resolve();
  };

  query.ask(question(''), false);
  await ended();
  query.ask(question('slow'), false);
  expect(query.opening).toBe(true);
  query.ask(question(''), false);
  await ended();
  expect(query.opening).toBe(false);
});
