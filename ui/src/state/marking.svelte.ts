/** Tags, notes and findings: what there is, and the dialog that makes one. */
import type { Host } from '../lib/host';
import type { FindingObject, Marks, NoteObject, Severity } from '../lib/bindings';
import { Refusal } from '../lib/host';

export type MarkKind = 'tag' | 'note' | 'finding';

/** A mark in the making. */
export interface Draft {
  kind: MarkKind;
  /** References: `record:…`, `conversation:…`, `packet:…`, `evidence:…`. */
  on: string[];
  /** The things in words, one each. */
  about: string[];
}

export interface NewFinding {
  title: string;
  text: string;
  severity: Severity;
  technique: string | null;
}

const NONE: Marks = { tags: [], notes: [], findings: [] };

export class Marking {
  marks = $state.raw<Marks>(NONE);
  /** The dialog that is open. */
  draft = $state.raw<Draft | null>(null);

  readonly #host: Host;
  readonly #changed: () => void;

  constructor(host: Host, changed: () => void) {
    this.#host = host;
    this.#changed = changed;
  }

  async refresh(): Promise<void> {
    this.marks = await this.#host.ask('marks', null);
  }

  clear(): void {
    this.marks = NONE;
    this.draft = null;
  }

  /** Every tag in the case, each once. */
  get tagNames(): string[] {
    const names = this.marks.tags.flatMap((tagged) => tagged.tags).sort();
    return names.filter((name, at) => name !== names[at - 1]);
  }

  tagsOn(reference: string): string[] {
    return this.marks.tags.find((tagged) => tagged.on === reference)?.tags ?? [];
  }

  notesOn(reference: string): NoteObject[] {
    return this.marks.notes.filter((note) => note.on.includes(reference));
  }

  findingsOn(reference: string): FindingObject[] {
    return this.marks.findings.filter(
      (finding) => finding.on.includes(reference) && finding.withdrawn === null,
    );
  }

  async tag(on: string[], tag: string): Promise<void> {
    await this.#do(() => this.#host.ask('tag', { on, tag }));
  }

  async untag(on: string[], tag: string): Promise<void> {
    await this.#do(() => this.#host.ask('untag', { on, tag }));
  }

  async note(on: string[], text: string): Promise<string> {
    return this.#do(() => this.#host.ask('note', { on, text }));
  }

  async find(on: string[], finding: NewFinding): Promise<string> {
    return this.#do(() => this.#host.ask('finding', { ...finding, on }));
  }

  async withdraw(id: string, reason: string): Promise<void> {
    await this.#do(() => this.#host.ask('withdraw', { id, reason }));
  }

  async #do<T>(act: () => Promise<T>): Promise<T> {
    try {
      const result = await act();
      await this.refresh();
      this.#changed();
      return result;
    } catch (thrown) {
      throw Refusal.of(thrown);
    }
  }
}
