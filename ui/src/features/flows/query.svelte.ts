/**
 * What the flows view shows: the records, then their histogram, then their most frequent values, in this order,
 * so that rows come first. What is there stays until the new is there.
 */
import type { FlowListRow, Histogram, Lanes, Order, TopObject, View } from '../../lib/bindings';
import { aligned, niceWidth } from '../../lib/chart/buckets';
import { Refusal, type Host } from '../../lib/host';
import { selectionAt } from '../../state/saved.svelte';
import { FACETS } from './facets';

interface Stretch {
  from_us: number;
  to_us: number;
}

/** What is asked for. */
export interface Question {
  filter: string;
  brush: Stretch | null;
  /** Also the records that another source counts. */
  allSources: boolean;
  order: Order | null;
  /** Selected record, to be brought into view. */
  record: string | null;
  /** What the timeline shows; nothing if there are no records, or no room. Read when it is drawn: the rows do not
   *  wait until it is known how far the case reaches. */
  range: () => Stretch | null;
  /** Width of the timeline. Unit: px. */
  pixels: number;
  facets: boolean;
  /** Rises when records may have changed. */
  generation: number;
  /** Evidence is coming in: what is dear is asked for less often. */
  loading: boolean;
}

const FACET_VALUES = 6;
const LANES = 3;
/** While evidence comes in, facets and lanes are asked for this often. Unit: ms. */
const SELDOM = 5_000;
/** The longest that the chart waits for the first rows. Unit: ms. */
const PATIENCE = 1_000;

export class FlowQuery {
  view = $state.raw<View | null>(null);
  /** How long the host took for the view. Unit: ms. */
  took = $state(0);
  /** Row to bring into view. */
  place = $state<number | null>(null);
  histogram = $state.raw<Histogram | null>(null);
  lanes = $state.raw<Lanes | null>(null);
  /** Most frequent values by field. */
  facets = $state.raw<Record<string, TopObject[]>>({});
  /** Why there is no view. */
  refusal = $state.raw<Refusal | null>(null);
  opening = $state(false);
  drawing = $state(false);
  /** How often everything was there. */
  rounds = $state(0);

  readonly #host: Host;
  readonly #refused: (thrown: unknown) => void;
  #run = 0;
  #running = false;
  /** A quiet question that came while another was being answered. */
  #next: Question | null = null;
  /** What the answers that are here were asked by. */
  #answered = { view: '', histogram: '', facets: '', lanes: '' };
  /** When facets and lanes are asked for again while evidence comes in. */
  #seldom = 0;
  #firstRows: () => void = () => undefined;

  constructor(host: Host, refused: (thrown: unknown) => void) {
    this.#host = host;
    this.#refused = refused;
  }

  /** Asks; `quiet` waits for a question that is being answered and leaves the list where it stands. */
  ask(question: Question, quiet: boolean): void {
    if (quiet && this.#running) this.#next = question;
    else void this.#answer(question, quiet);
  }

  /** Rows of the view. */
  load = async (from: number, count: number): Promise<FlowListRow[]> => {
    const { view } = this;
    if (!view) return [];
    try {
      const { rows } = await this.#host.page(view.view, from, count);
      this.#firstRows();
      return rows;
    } catch (thrown) {
      if (view === this.view) this.#refused(thrown);
      throw thrown;
    }
  };

  /** Brings a record into view, if it is among the rows. */
  async reveal(record: string): Promise<void> {
    const { view } = this;
    if (!view) return;
    const place = await this.#placeOf(view, record);
    if (place !== null && view === this.view) this.place = place;
  }

  /** Ends it: nothing more is asked. */
  stop(): void {
    this.#run += 1;
    this.#next = null;
  }

  async #answer(question: Question, quiet: boolean): Promise<void> {
    const run = ++this.#run;
    const superseded = () => run !== this.#run;
    this.#running = true;
    this.#next = null;
    // What this one takes the place of says no more when it ends.
    this.opening = false;
    this.drawing = false;
    try {
      await this.#openView(question, quiet, superseded);
      if (!superseded() && this.refusal === null) await this.#draw(question, superseded);
      if (quiet && question.loading && performance.now() < this.#seldom) return;
      if (!superseded() && this.refusal === null) await this.#rank(question, superseded);
      if (!superseded()) await this.#look(question, superseded);
      this.#seldom = performance.now() + SELDOM;
    } catch (thrown) {
      if (!superseded()) this.#refused(thrown);
    } finally {
      if (!superseded()) {
        this.#running = false;
        this.rounds += 1;
        if (this.#next) void this.#answer(this.#next, true);
      }
    }
  }

  async #openView(question: Question, quiet: boolean, superseded: () => boolean): Promise<void> {
    const { filter, brush, allSources, order, record, generation } = question;
    const key = JSON.stringify([filter, brush, allSources, order, generation]);
    if (key === this.#answered.view) return;
    const selection = selectionAt({ filter, brush, allSources });
    const begun = performance.now();
    this.opening = !quiet;
    try {
      const view = await this.#host.ask('open_view', { selection, order }, 'view');
      const took = performance.now() - begun;
      if (superseded()) return;
      const place = quiet || record === null ? null : await this.#placeOf(view, record);
      if (superseded()) return;
      const shown = this.#rowsShown(view);
      this.refusal = null;
      this.took = took;
      this.place = quiet ? null : (place ?? 0);
      this.view = view;
      this.#answered.view = key;
      await shown;
    } catch (thrown) {
      if (superseded()) return;
      this.refusal = Refusal.of(thrown);
      this.#answered.view = '';
      // The filter bar says what is wrong with a filter.
      if (this.refusal.code !== 'bad_query') this.#refused(thrown);
    } finally {
      if (!superseded()) this.opening = false;
    }
  }

  /** Until the first rows of the view are here; not for ever, since the list may be out of sight. */
  #rowsShown(view: View): Promise<void> {
    if (view.rows === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE);
      this.#firstRows = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #placeOf(view: View, record: string): Promise<number | null> {
    try {
      return await this.#host.ask('place_in_view', { view: view.view, record }, 'place');
    } catch {
      // It is not in this view, or the view has gone: the list then begins at its head.
      return null;
    }
  }

  async #draw(question: Question, superseded: () => boolean): Promise<void> {
    const { filter, allSources, pixels, generation } = question;
    const range = question.range();
    if (!range || pixels <= 0) return;
    const width_us = niceWidth(range, pixels);
    const key = JSON.stringify([filter, allSources, range, width_us, generation]);
    if (key === this.#answered.histogram) return;
    this.drawing = true;
    try {
      // A chart does not filter itself: it shows the brushed stretch among the others.
      const selection = selectionAt({ filter, brush: null, allSources });
      const histogram = await this.#host.ask(
        'timeline',
        { selection, ...aligned(range, width_us), width_us, by: 'action' },
        'timeline',
      );
      if (superseded()) return;
      this.histogram = histogram;
      this.#answered.histogram = key;
    } finally {
      if (!superseded()) this.drawing = false;
    }
  }

  async #rank(question: Question, superseded: () => boolean): Promise<void> {
    const { filter, brush, allSources, facets, generation } = question;
    const key = JSON.stringify([filter, brush, allSources, generation]);
    if (!facets || key === this.#answered.facets) return;
    const selection = selectionAt({ filter, brush, allSources });
    for (const { field } of FACETS) {
      const request = { selection, field, by: 'records' as const, limit: FACET_VALUES };
      const values = await this.#host.ask('top', request, 'facets');
      if (superseded()) return;
      this.facets = { ...this.facets, [field]: values };
    }
    this.#answered.facets = key;
  }

  async #look(question: Question, superseded: () => boolean): Promise<void> {
    const key = String(question.generation);
    if (key === this.#answered.lanes) return;
    const lanes = await this.#host.ask('lanes', { limit: LANES }, 'lanes');
    if (superseded()) return;
    this.lanes = lanes;
    this.#answered.lanes = key;
  }
}
