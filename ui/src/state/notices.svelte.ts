/** Words about what happened, in the window's corner until they are read. */
import { Refusal } from '../lib/host';
import { advice } from '../lib/format/advice';

export interface Notice {
  id: number;
  kind: 'good' | 'bad' | 'fair';
  text: string;
  /** What can be done about it. */
  advice: string | null;
  /** What lies below an error. */
  causes: string[];
  /** What can be done about it from here. */
  remedy: Remedy | null;
  /** What is worth taking along: a path, a hash. */
  facts: Fact[];
}

export interface Fact {
  name: string;
  text: string;
}

export interface Remedy {
  title: string;
  run: () => void;
}

const LASTING = 6_000;

export class Notices {
  list = $state.raw<Notice[]>([]);
  #next = 1;

  /** Says that something was done; goes away by itself. */
  good(text: string, more: string | null = null, remedy: Remedy | null = null): void {
    const id = this.#add({ kind: 'good', text, advice: more, causes: [], remedy, facts: [] });
    setTimeout(() => this.dismiss(id), LASTING);
  }

  /** Says that something was made, and what to keep of it; stays until it is dismissed. */
  made(text: string, facts: Fact[]): void {
    this.#add({ kind: 'good', text, advice: null, causes: [], remedy: null, facts });
  }

  /** Says what to mind; stays until it is dismissed. */
  fair(text: string, more: string | null = null): void {
    this.#add({ kind: 'fair', text, advice: more, causes: [], remedy: null, facts: [] });
  }

  /** Says why something was not done, and what can be done; stays until it is dismissed. */
  refused(thrown: unknown, remedy: Remedy | null = null): void {
    const refusal = Refusal.of(thrown);
    // The asker itself gave these up.
    if (refusal.code === 'superseded' || refusal.code === 'cancelled') return;
    const { message, causes } = refusal;
    this.#add({
      kind: 'bad',
      text: message,
      advice: advice(refusal.code),
      causes,
      remedy,
      facts: [],
    });
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  #add(notice: Omit<Notice, 'id'>): number {
    const id = this.#next++;
    const others = this.list.filter((other) => other.text !== notice.text);
    this.list = [...others, { ...notice, id }].slice(-4);
    return id;
  }
}
