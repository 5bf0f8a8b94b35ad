/** Rows that were selected or marked. They are kept here, since they may leave the cache. */
export class Chosen<R> {
  #rows = new Map<string, { index: number; row: R }>();

  keep(key: string, index: number, row: R): void {
    this.#rows.set(key, { index, row });
  }

  /** Forgets all but these. */
  retain(keys: readonly string[]): void {
    for (const key of this.#rows.keys()) if (!keys.includes(key)) this.#rows.delete(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  /** Rows of these keys, one each. */
  rows(keys: readonly string[]): R[] {
    return keys.flatMap((key) => this.#rows.get(key)?.row ?? []);
  }

  /** The same, each once and in the order of the list. */
  sorted(keys: readonly string[]): R[] {
    return [...new Set(keys)]
      .flatMap((key) => this.#rows.get(key) ?? [])
      .sort((a, b) => a.index - b.index)
      .map(({ row }) => row);
  }
}
