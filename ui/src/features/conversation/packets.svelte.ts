/** The packets of a conversation, in pages as they are needed. */
import type { PacketObject } from '../../lib/bindings';
import { microseconds } from '../../lib/format/time';
import { Refusal, type Host } from '../../lib/host';

const PAGE = 200;
/** Up to here all are read, so that each packet that is mentioned anywhere has its number. */
const FEW = 4_000;

export class Packets {
  total = $state(0);
  refusal = $state.raw<Refusal | null>(null);

  readonly conversation: string;
  readonly #host: Host;
  readonly #pages: PacketObject[][] = [];
  readonly #coming: (Promise<PacketObject[]> | undefined)[] = [];
  readonly #places: Record<string, number> = {};
  /** Rises with every page that comes, for whoever shows rows. */
  #read = $state(0);

  constructor(host: Host, conversation: string) {
    this.#host = host;
    this.conversation = conversation;
  }

  /** Reads the first page, and begins with the others where they are few. */
  async open(): Promise<void> {
    await this.#attempt(0);
    if (this.total <= FEW) void this.#readOn();
  }

  at(place: number): PacketObject | null {
    void this.#read;
    return this.#pages[Math.floor(place / PAGE)]?.[place % PAGE] ?? null;
  }

  /** Where a packet stands, as far as that is known. */
  placeOf(id: string): number | null {
    void this.#read;
    return this.#places[id] ?? null;
  }

  /** The packet's number as people count, as far as that is known. */
  numberOf(id: string): number | null {
    const place = this.placeOf(id);
    return place === null ? null : place + 1;
  }

  byId(id: string): PacketObject | null {
    const place = this.placeOf(id);
    return place === null ? null : this.at(place);
  }

  /** Sees to it that the rows of `[from, to)` come. */
  want(from: number, to: number): void {
    for (let page = Math.floor(from / PAGE); page * PAGE < Math.min(to, this.total); page += 1) {
      if (!this.#pages[page]) void this.#attempt(page);
    }
  }

  /** The packet at a place, read if need be. */
  async row(place: number): Promise<PacketObject | null> {
    await this.#attempt(Math.floor(place / PAGE));
    return this.at(place);
  }

  /** Looks for a packet by its time, which is what the packets are sorted by. */
  async find(id: string, time: string | null): Promise<number | null> {
    let low = 0;
    let high = Math.ceil(this.total / PAGE) - 1;
    while (time !== null && low <= high && this.placeOf(id) === null) {
      const middle = Math.floor((low + high) / 2);
      const first = (await this.#page(middle))[0]?.time ?? null;
      if (first !== null && microseconds(first) >= microseconds(time)) high = middle - 1;
      else low = middle + 1;
    }
    return this.placeOf(id);
  }

  async #readOn(): Promise<void> {
    for (let page = 1; page * PAGE < this.total && !this.refusal; page += 1) {
      await this.#attempt(page);
    }
  }

  async #attempt(page: number): Promise<void> {
    try {
      await this.#page(page);
    } catch (thrown) {
      this.refusal = Refusal.of(thrown);
    }
  }

  async #page(page: number): Promise<PacketObject[]> {
    const known = this.#pages[page] ?? this.#coming[page];
    if (known) return known;
    const coming = this.#ask(page).finally(() => (this.#coming[page] = undefined));
    this.#coming[page] = coming;
    return coming;
  }

  async #ask(page: number): Promise<PacketObject[]> {
    const from = page * PAGE;
    const { total, rows } = await this.#host.ask('packets', {
      conversation: this.conversation,
      from,
      count: PAGE,
    });
    rows.forEach((row, index) => (this.#places[row.id] = from + index));
    this.#pages[page] = rows;
    this.total = total;
    this.#read += 1;
    return rows;
  }
}
