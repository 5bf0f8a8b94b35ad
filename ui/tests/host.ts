import type { Host } from '../src/lib/host';

/** A program that knows nothing and does nothing; tests replace what they need. */
export const NO_HOST: Host = {
  version: '1.2.3',
  ask: () => new Promise(() => undefined),
  page: () => new Promise(() => undefined),
  bytes: () => new Promise(() => undefined),
  start: () => ({ done: new Promise(() => undefined), cancel: () => undefined }),
  choose: () => Promise.resolve([]),
  listen: () => Promise.resolve(),
  startup: () => Promise.resolve({ case: null, sample: null }),
  loadSettings: () => Promise.resolve(null),
  saveSettings: () => Promise.resolve(),
};
