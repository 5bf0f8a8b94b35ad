/** What the compare view shows: the changes, then the records over time. What is there stays until the new is there. */
import type { ComparedObject, Histogram } from '../../lib/bindings';
import { aligned, niceWidth } from '../../lib/chart/buckets';
import { Refusal, type Host } from '../../lib/host';
import type { Comparison, Selected, Stretch } from '../../state/navigation.svelte';
import { selectionAt } from '../../state/saved.svelte';

/** Values of each kind of change. */
export const LIMIT = 100;

export interface Answer {
  comparison: Comparison;
  rows: ComparedObject[];
  /** Unit: ms. */
  took: number;
}

export class CompareQuery {
  answer = $state.raw<Answer | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  histogram = $state.raw<Histogram | null>(null);
  asking = $state(false);

  readonly #host: Host;
  #run = 0;
  #drawn = '';

  constructor(host: Host) {
    this.#host = host;
  }

  /** `whole` is what the chart shows, in bars for so many `pixels`. */
  async ask(
    { filter, allSources }: Selected,
    comparison: Comparison,
    whole: Stretch,
    pixels: number,
    generation: number,
  ): Promise<void> {
    const run = ++this.#run;
    this.asking = true;
    const begun = performance.now();
    const request = {
      ...{ filter: filter === '' ? null : filter, all_sources: allSources, limit: LIMIT },
      ...comparison,
    };
    try {
      const rows = await this.#host.ask('compare', request, 'compare');
      if (run !== this.#run) return;
      this.answer = { comparison, rows, took: performance.now() - begun };
      this.refusal = null;
      const drawn = JSON.stringify([filter, allSources, whole, pixels, generation]);
      if (drawn === this.#drawn || pixels === 0) return;
      const histogram = await this.#host.ask(
        'timeline',
        around({ filter, brush: null, allSources }, whole, pixels),
        'compare-chart',
      );
      if (run !== this.#run) return;
      this.histogram = histogram;
      this.#drawn = drawn;
    } catch (thrown) {
      if (run !== this.#run) return;
      const refused = Refusal.of(thrown);
      if (refused.code === 'superseded') return;
      this.refusal = refused;
      this.answer = null;
    } finally {
      if (run === this.#run) this.asking = false;
    }
  }

  /** Ends it: nothing that is still being asked is shown. */
  stop(): void {
    this.#run += 1;
    this.asking = false;
  }
}

function around(selected: Selected, whole: Stretch, pixels: number) {
  const width_us = niceWidth(whole, pixels);
  return { selection: selectionAt(selected), ...aligned(whole, width_us), width_us, by: null };
}
