/** The reassembled bytes of a conversation, fetched in chunks as they are needed. */
import type { Dialogue, Direction } from '../../lib/bindings';
import { Refusal, type Host } from '../../lib/host';
import type { Span } from './turns';

export const CHUNK = 1 << 20;

export class Payload {
  refusal = $state.raw<Refusal | null>(null);
  /** Rises with every chunk that comes. */
  read = $state(0);

  readonly #host: Host;
  readonly #conversation: string;
  readonly #lengths: Record<Direction, number>;
  readonly #chunks: Record<Direction, Uint8Array[]> = { client: [], server: [] };
  readonly #coming: Record<string, Promise<Uint8Array> | undefined> = {};

  constructor(host: Host, conversation: string, { client, server }: Dialogue) {
    this.#host = host;
    this.#conversation = conversation;
    this.#lengths = { client: client.length, server: server.length };
  }

  length(direction: Direction): number {
    return this.#lengths[direction];
  }

  /** The bytes of a span, if all of them are here. */
  slice({ direction, from, to }: Span): Uint8Array | null {
    const first = Math.floor(from / CHUNK);
    const last = Math.floor((to - 1) / CHUNK);
    if (first === last) {
      const start = first * CHUNK;
      return this.#chunks[direction][first]?.subarray(from - start, to - start) ?? null;
    }
    const bytes = new Uint8Array(to - from);
    for (let number = first; number <= last; number += 1) {
      const chunk = this.#chunks[direction][number];
      if (!chunk) return null;
      const start = number * CHUNK;
      const part = chunk.subarray(Math.max(0, from - start), to - start);
      bytes.set(part, Math.max(0, start - from));
    }
    return bytes;
  }

  /** Sees to it that the bytes of a span come. */
  want({ direction, from, to }: Span): void {
    for (let number = Math.floor(from / CHUNK); number * CHUNK < to; number += 1) {
      this.chunk(direction, number).catch((thrown: unknown) => {
        this.refusal = Refusal.of(thrown);
      });
    }
  }

  async chunk(direction: Direction, number: number): Promise<Uint8Array> {
    const name = `${direction} ${number}`;
    const known = this.#chunks[direction][number] ?? this.#coming[name];
    if (known) return known;
    const from = number * CHUNK;
    const count = Math.min(CHUNK, this.length(direction) - from);
    const coming = this.#host
      .bytes(this.#conversation, direction, from, count)
      .then((bytes) => {
        this.#chunks[direction][number] = bytes;
        this.read += 1;
        return bytes;
      })
      .finally(() => (this.#coming[name] = undefined));
    this.#coming[name] = coming;
    return coming;
  }
}
