/** Rows of a long list, loaded by pages: a few are kept, the ones that are seen come first. */

const LENGTH = 64;
const KEPT = 128;
const AT_ONCE = 2;
/** Pages loaded in advance in the direction of the movement, and one behind. */
const AHEAD = 2;

export type Load<R> = (from: number, count: number) => Promise<R[]>;

export class Pages<R> {
  /** Least recently wanted first. */
  #pages = new Map<number, R[]>();
  /** Of the list before it changed: shown until the new ones are here. */
  #stale = new Map<number, R[]>();
  #loading = new Set<number>();
  #failed = new Set<number>();
  /** Pages still to load, the most urgent first. */
  #queue: number[] = [];
  #total = 0;

  readonly #load: Load<R>;
  readonly #arrived: () => void;

  constructor(load: Load<R>, arrived: () => void) {
    this.#load = load;
    this.#arrived = arrived;
  }

  /** The row, if it is here; it may be one of the list before it changed. */
  row(index: number): R | undefined {
    const page = Math.floor(index / LENGTH);
    return (this.#pages.get(page) ?? this.#stale.get(page))?.[index % LENGTH];
  }

  /** Whether all rows of `[from, to)` are here as they are now. */
  has(from: number, to: number): boolean {
    return pagesOf(from, to).every((page) => this.#pages.has(page));
  }

  /** The list has changed: every page is to be loaded again. */
  renew(total: number): void {
    this.#stale = new Map([...this.#stale, ...this.#pages].slice(-KEPT));
    this.#pages = new Map();
    // What is under way answers for the list before; its set is left to it.
    this.#loading = new Set();
    this.#failed.clear();
    this.#queue = [];
    this.#total = total;
  }

  /** Loads the rows of `[from, to)`, then what is likely to be seen next. Nothing that was wanted before and is
   *  not now is begun. `direction` is negative when the list moves up. */
  want(from: number, to: number, direction: number): void {
    const now = pagesOf(from, Math.min(to, this.#total));
    const [first, last] = [now[0], now.at(-1)];
    if (first === undefined || last === undefined) return;
    const below = Array.from({ length: AHEAD }, (_, n) => last + 1 + n);
    const above = Array.from({ length: AHEAD }, (_, n) => first - 1 - n);
    const next = direction < 0 ? [...above, last + 1] : [...below, first - 1];
    for (const page of now) this.#touch(page);
    this.#queue = [...now, ...next].filter(
      (page) => page >= 0 && page * LENGTH < this.#total && !this.#pages.has(page),
    );
    this.#begin();
  }

  #begin(): void {
    while (this.#loading.size < AT_ONCE) {
      const page = this.#queue.find((page) => !this.#loading.has(page) && !this.#failed.has(page));
      if (page === undefined) return;
      void this.#fetch(page, this.#loading);
    }
  }

  async #fetch(page: number, loading: Set<number>): Promise<void> {
    loading.add(page);
    const from = page * LENGTH;
    let rows: R[] | null = null;
    try {
      rows = await this.#load(from, Math.min(LENGTH, this.#total - from));
    } catch {
      // Whoever loads says why. The list is asked again when it changes.
    }
    loading.delete(page);
    if (loading !== this.#loading) return;
    this.#queue = this.#queue.filter((other) => other !== page);
    if (rows) this.#keep(page, rows);
    else this.#failed.add(page);
    this.#begin();
  }

  #keep(page: number, rows: R[]): void {
    this.#pages.set(page, rows);
    this.#stale.delete(page);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) break;
      this.#pages.delete(oldest);
    }
    this.#arrived();
  }

  #touch(page: number): void {
    const rows = this.#pages.get(page);
    if (!rows) return;
    this.#pages.delete(page);
    this.#pages.set(page, rows);
  }
}

function pagesOf(from: number, to: number): number[] {
  if (to <= from) return [];
  const [first, last] = [Math.floor(from / LENGTH), Math.floor((to - 1) / LENGTH)];
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}
