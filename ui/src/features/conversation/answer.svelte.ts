import { Refusal } from '../../lib/host';

/** The answer to the question that was asked last, or why there is none. */
export class Answer<T> {
  value = $state.raw<T | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  busy = $state(false);
  #asked = 0;

  /** The old value stays until the new one is there; a refusal takes its place at once. */
  async take(question: Promise<T>): Promise<void> {
    const asked = ++this.#asked;
    this.busy = true;
    try {
      const value = await question;
      if (asked === this.#asked) this.#settle(value, null);
    } catch (thrown) {
      const refusal = Refusal.of(thrown);
      const givenUp = refusal.code === 'superseded' || refusal.code === 'cancelled';
      if (asked === this.#asked && !givenUp) this.#settle(null, refusal);
    }
  }

  clear(): void {
    this.#asked += 1;
    this.#settle(null, null);
  }

  #settle(value: T | null, refusal: Refusal | null): void {
    this.value = value;
    this.refusal = refusal;
    this.busy = false;
  }
}
