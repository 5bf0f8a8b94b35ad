/** Selections of flow records that have a name in the case. */
import type { Order, SavedViewObject, Selection } from '../lib/bindings';
import { microseconds } from '../lib/format/time';
import type { Host } from '../lib/host';
import type { Place, Selected, Stretch } from './navigation.svelte';

export class SavedViews {
  list = $state.raw<SavedViewObject[]>([]);

  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async refresh(): Promise<void> {
    this.list = await this.#host.ask('saved_views', null);
  }

  clear(): void {
    this.list = [];
  }

  named(name: string): SavedViewObject | null {
    return this.list.find((view) => view.name === name.trim()) ?? null;
  }

  /** Gives a selection a name. One that has it already loses it. */
  async save(name: string, selection: Selection, order: Order | null): Promise<void> {
    await this.#host.ask('save_view', { name, selection, order });
    await this.refresh();
  }

  async forget(name: string): Promise<void> {
    await this.#host.ask('forget_view', { name });
    await this.refresh();
  }
}

/** What the flows view is asked for at a place. */
export function selectionAt({ filter, brush, allSources }: Selected): Selection {
  return {
    filter: filter === '' ? null : filter,
    from_us: brush?.from_us ?? null,
    to_us: brush?.to_us ?? null,
    all_sources: allSources,
  };
}

/** Where a saved view leads. One that is open to a side reaches as far as the case. */
export function placeOf(view: SavedViewObject, whole: Stretch | null): Partial<Place> {
  return {
    view: 'flows',
    filter: view.filter,
    brush: view.from === null && view.to === null ? null : brushOf(view, whole),
    zoom: null,
    order: view.order === null ? null : orderOf(view.order),
    allSources: view.all_sources,
  };
}

function brushOf({ from, to }: SavedViewObject, whole: Stretch | null): Stretch | null {
  const from_us = from === null ? whole?.from_us : microseconds(from);
  // Behind the last moment, so that it is within.
  const to_us = to === null ? whole && whole.to_us + 1 : microseconds(to);
  if (from_us === undefined || to_us === null || to_us <= from_us) return null;
  return { from_us, to_us };
}

/** Reads `bytes:desc`. */
export function orderOf(text: string): Order {
  const [field = '', direction = 'asc'] = text.split(':');
  return { field, descending: direction === 'desc' };
}
