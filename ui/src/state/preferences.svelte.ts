/** What the window remembers between two starts. Nothing of it belongs to a case. */
import type { Host } from '../lib/host';
import type { Place } from './navigation.svelte';

export type Theme = 'system' | 'dark' | 'light';
export type Zone = 'utc' | 'local';

export interface RecentCase {
  path: string;
  title: string;
  number: string;
  /** When it was last open. Unit: ms since the epoch. */
  at: number;
  /** Where the examiner was in it. */
  place: Place | null;
}

const RECENT = 12;

export class Preferences {
  theme = $state<Theme>('system');
  zone = $state<Zone>('utc');
  examiner = $state('');
  recent = $state<RecentCase[]>([]);
  /** The case that was open when the window was closed. */
  last = $state<string | null>(null);

  readonly #host: Host;
  #saving: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    const kept = (await this.#host.loadSettings()) as Partial<Preferences> | null;
    if (!kept) return;
    if (kept.theme) this.theme = kept.theme;
    if (kept.zone) this.zone = kept.zone;
    if (typeof kept.examiner === 'string') this.examiner = kept.examiner;
    if (Array.isArray(kept.recent)) this.recent = kept.recent;
    if (typeof kept.last === 'string') this.last = kept.last;
  }

  /** Keeps the present state, a moment after the last change. */
  save(): void {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => {
      const { theme, zone, examiner, recent, last } = this;
      void this.#host.saveSettings($state.snapshot({ theme, zone, examiner, recent, last }));
    }, 150);
  }

  set(change: Partial<Pick<Preferences, 'theme' | 'zone' | 'examiner' | 'last'>>): void {
    Object.assign(this, change);
    this.save();
  }

  /** Puts a case at the head of the recent ones. */
  remember(opened: Omit<RecentCase, 'at' | 'place'>): void {
    const known = this.recent.find((recent) => recent.path === opened.path);
    const entry = { ...opened, at: Date.now(), place: known?.place ?? null };
    const others = this.recent.filter((recent) => recent.path !== opened.path);
    this.recent = [entry, ...others].slice(0, RECENT);
    this.last = opened.path;
    this.save();
  }

  forget(path: string): void {
    this.recent = this.recent.filter((recent) => recent.path !== path);
    this.save();
  }

  /** Remembers where the examiner is in a case. */
  keepPlace(path: string, place: Place): void {
    const recent = this.recent.find((recent) => recent.path === path);
    if (!recent) return;
    recent.place = place;
    this.save();
  }

  placeIn(path: string): Place | null {
    return this.recent.find((recent) => recent.path === path)?.place ?? null;
  }
}
