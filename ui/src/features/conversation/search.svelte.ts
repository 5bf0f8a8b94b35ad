/** Text that is looked for in both streams of a conversation. */
import type { Direction } from '../../lib/bindings';
import { Refusal } from '../../lib/host';
import { findAll, needleOf } from './find';
import { CHUNK, type Payload } from './payload.svelte';
import type { Span, TurnIndex } from './turns';

/** What is looked through of each direction. Unit: bytes. */
const DEPTH = 64 * CHUNK;
const HITS = 10_000;

export class Search {
  text = $state.raw('');
  hits = $state.raw<Span[]>([]);
  /** Index of the hit in front; -1 before the first. */
  at = $state(-1);
  busy = $state(false);
  /** Whether there may be more than was looked for. */
  cut = $state(false);
  #asked = 0;

  readonly current = $derived(this.hits[this.at] ?? null);

  /** Looks through the given directions, from the first byte on. */
  async run(
    text: string,
    payload: Payload,
    index: TurnIndex,
    directions: readonly Direction[],
  ): Promise<void> {
    const asked = ++this.#asked;
    const needle = needleOf(text);
    this.text = text;
    this.hits = [];
    this.at = -1;
    this.cut = false;
    this.busy = needle.length > 0;
    try {
      for (const direction of needle.length > 0 ? directions : []) {
        await this.#through(direction, needle, payload, index, () => asked === this.#asked);
      }
    } catch (thrown) {
      if (asked === this.#asked) payload.refusal = Refusal.of(thrown);
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }

  step(by: 1 | -1): void {
    const { length } = this.hits;
    if (length > 0) this.at = this.at < 0 && by < 0 ? length - 1 : (this.at + by + length) % length;
  }

  async #through(
    direction: Direction,
    needle: Uint8Array,
    payload: Payload,
    index: TurnIndex,
    wanted: () => boolean,
  ): Promise<void> {
    const length = payload.length(direction);
    const breaks = index.breaks(direction);
    for (let start = 0; start < Math.min(length, DEPTH); start += CHUNK) {
      await payload.chunk(direction, start / CHUNK);
      // A hit may reach into the next chunk.
      const to = Math.min(length, start + CHUNK + needle.length - 1);
      if (to > start + CHUNK) await payload.chunk(direction, start / CHUNK + 1);
      if (!wanted()) return;
      const bytes = payload.slice({ direction, from: start, to });
      const found = bytes ? findAll(bytes, needle) : [];
      const spans = found
        .map((at) => ({ direction, from: start + at, to: start + at + needle.length }))
        .filter(({ from, to: end }) => !breaks.some((cut) => from < cut && cut < end));
      this.#add(spans, index);
      if (this.hits.length >= HITS) break;
    }
    this.cut ||= this.hits.length >= HITS || length > DEPTH;
  }

  #add(spans: Span[], index: TurnIndex): void {
    if (spans.length === 0) return;
    const place = (span: Span): number => index.holding(span.direction, span.from) ?? 0;
    const keyed = [...this.hits, ...spans].map((span) => ({ span, place: place(span) }));
    keyed.sort((one, other) => one.place - other.place || one.span.from - other.span.from);
    const { current } = this;
    this.hits = keyed.map(({ span }) => span).slice(0, HITS);
    if (current) this.at = this.hits.indexOf(current);
  }
}
