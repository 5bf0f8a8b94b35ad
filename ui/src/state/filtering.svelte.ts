/** What a filter that is being written is helped with: values of its fields, and what is wrong with it. */
import type { Problem } from '../lib/filter/problem';
import { Refusal } from '../lib/host';
import { selectionAt } from './saved.svelte';
import type { Workbench } from './workbench.svelte';

/** Values offered by the editor. */
const VALUES = 20;
/** Fields that are either of two, by one of them. */
const SIDES: Record<string, string> = { addr: 'srcaddr', port: 'dstport' };

export class Filtering {
  readonly #workbench: Workbench;
  /** Values by field, of the records as they were. */
  #known: Record<string, string[]> = {};
  /** What they were asked of. */
  #keptOf = '';

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  values = async (field: string): Promise<string[]> => {
    const { generation, marking, navigation, host } = this.#workbench;
    if (field === 'tag') return marking.tagNames;
    const { allSources } = navigation.here;
    const kept = `${generation} ${allSources}`;
    if (kept !== this.#keptOf) this.#known = {};
    this.#keptOf = kept;
    const held = this.#known[field];
    if (held) return held;
    const selection = selectionAt({ filter: '', brush: null, allSources });
    const request = { selection, field: SIDES[field] ?? field, limit: VALUES };
    const found = await host.ask('top', { ...request, by: 'records' }, 'values');
    return (this.#known[field] = found.flatMap(({ value }) => value ?? []));
  };

  check = async (filter: string): Promise<Problem | null> => {
    try {
      await this.#workbench.host.ask('check_filter', { filter }, 'check');
      return null;
    } catch (thrown) {
      const { code, column, message } = Refusal.of(thrown);
      return code === 'bad_query' ? { column, message } : null;
    }
  };
}
