/** Where the examiner is, and the way back. */
import type { Measure, Order } from '../lib/bindings';

export const VIEWS = [
  'start',
  'flows',
  'conversations',
  'conversation',
  'transactions',
  'findings',
  'evidence',
  'report',
  'sql',
  'compare',
] as const;
export type ViewName = (typeof VIEWS)[number];

/** Times in µs since the epoch, UTC. */
export interface Stretch {
  from_us: number;
  to_us: number;
}

/** Two stretches beside each other. */
export interface Comparison {
  /** What is compared against. */
  baseline: Stretch;
  /** What is looked at. */
  window: Stretch;
  /** The field whose values are compared, or several with commas between them. */
  field: string;
  by: Measure;
}

/** Everything that a step back must bring back. */
export interface Place {
  view: ViewName;
  filter: string;
  /** The brushed stretch of the timeline. */
  brush: Stretch | null;
  /** The stretch that the timeline shows; the whole case if none. */
  zoom: Stretch | null;
  order: Order | null;
  /** Also the records that another source counts. */
  allSources: boolean;
  /** Selected flow record. */
  record: string | null;
  /** Conversation that is open. */
  conversation: string | null;
  /** Selected packet. */
  packet: string | null;
  /** Selected evidence item, by its SHA-256. */
  evidence: string | null;
  /** Selected finding. */
  finding: string | null;
  /** What stands beside the packets of the conversation. */
  pane: 'transactions' | 'stream';
  /** What the examiner compares; what is proposed if none. */
  comparison: Comparison | null;
}

export const NOWHERE: Place = {
  view: 'start',
  filter: '',
  brush: null,
  zoom: null,
  order: null,
  allSources: false,
  record: null,
  conversation: null,
  packet: null,
  evidence: null,
  finding: null,
  pane: 'transactions',
  comparison: null,
};

/** What makes up a selection of flow records. */
export type Selected = Pick<Place, 'filter' | 'brush' | 'allSources'>;

const DEPTH = 200;

export class Navigation {
  #back = $state<Place[]>([]);
  #ahead = $state<Place[]>([]);
  #here = $state.raw<Place>(NOWHERE);

  get here(): Place {
    return this.#here;
  }

  get canGoBack(): boolean {
    return this.#back.length > 0;
  }

  get canGoForward(): boolean {
    return this.#ahead.length > 0;
  }

  /** Goes on to a place that differs from here by `change`, and can be left again with {@link back}. */
  go(change: Partial<Place>): void {
    if (!differs(this.#here, change)) return;
    this.#back = [...this.#back, this.#here].slice(-DEPTH);
    this.#ahead = [];
    this.#here = { ...this.#here, ...change };
  }

  /** Changes the place without a step: a selection that moves along a list is no journey. */
  amend(change: Partial<Place>): void {
    if (differs(this.#here, change)) this.#here = { ...this.#here, ...change };
  }

  back(): void {
    const place = this.#back.at(-1);
    if (!place) return;
    this.#ahead = [this.#here, ...this.#ahead];
    this.#back = this.#back.slice(0, -1);
    this.#here = place;
  }

  forward(): void {
    const place = this.#ahead[0];
    if (!place) return;
    this.#back = [...this.#back, this.#here];
    this.#ahead = this.#ahead.slice(1);
    this.#here = place;
  }

  /** Begins anew: another case. */
  reset(place: Place): void {
    this.#back = [];
    this.#ahead = [];
    this.#here = place;
  }
}

function differs(here: Place, change: Partial<Place>): boolean {
  return Object.entries(change).some(
    ([name, value]) => JSON.stringify(here[name as keyof Place]) !== JSON.stringify(value),
  );
}
