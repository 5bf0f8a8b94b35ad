/**
 * The program around the page. The page reaches it through this interface only, so that it also runs,
 * and can be tested, in a plain browser. This is the one file that may import `@tauri-apps/*`.
 */
import { Channel, invoke } from '@tauri-apps/api/core';
import type { Commands, ErrorObject, FlowPage, Jobs, Progress } from './bindings';
import type { Direction } from './bindings';

export interface Host {
  /** Version of the program, as in Cargo.toml. */
  readonly version: string;
  /**
   * Asks a question. A newer question on the same `lane` makes an older one that still runs fail with
   * `superseded`. Fails with a {@link Refusal}.
   */
  ask<C extends keyof Commands>(
    command: C,
    request: Commands[C]['request'],
    lane?: string,
  ): Promise<Commands[C]['response']>;
  /** Rows of an open view. */
  page(view: number, from: number, count: number): Promise<FlowPage>;
  /** Reassembled payload of one direction of a conversation. */
  bytes(
    conversation: string,
    direction: Direction,
    from: number,
    count: number,
  ): Promise<Uint8Array>;
  /** Starts a long act. */
  start<J extends keyof Jobs>(
    job: J,
    request: Jobs[J]['request'],
    onProgress: (progress: Progress) => void,
  ): RunningJob<Jobs[J]['response']>;
  /** Lets the user choose files or a folder; empty if he does not. */
  choose(what: Choice, title: string): Promise<string[]>;
  /** Tells what the program itself was told: things dropped on the window. */
  listen(handler: (event: HostEvent) => void): Promise<void>;
  /** What the program was started with. */
  startup(): Promise<Startup>;
  /** What {@link Host.saveSettings} kept, or nothing. */
  loadSettings(): Promise<unknown>;
  saveSettings(settings: unknown): Promise<void>;
}

export interface RunningJob<T> {
  /** Fails with a {@link Refusal}; `cancelled` if {@link RunningJob.cancel} ended it without a result. */
  readonly done: Promise<T>;
  cancel(): void;
}

export type Choice = 'files' | 'folder' | 'new_folder';

export type HostEvent =
  { event: 'drag'; over: boolean } | { event: 'drop'; paths: string[]; cases: string[] };

export interface Startup {
  /** A case to open. */
  case: string | null;
  /** The sample incident, where it is installed, and where its case goes. */
  sample: { evidence: string; case: string } | null;
}

/** Why the program did not do what it was asked. Branch on the code; show the message. */
export class Refusal extends Error {
  readonly code: ErrorObject['code'];
  /** 1-based column in what the user typed. */
  readonly column: number | null;
  readonly causes: string[];

  constructor(error: ErrorObject) {
    super(error.message);
    this.name = 'Refusal';
    this.code = error.code;
    this.column = error.column;
    this.causes = error.causes;
  }

  /** Any thrown value as a refusal. */
  static of(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) return thrown;
    if (isErrorObject(thrown)) return new Refusal(thrown);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Refusal({ code: 'internal', message, column: null, causes: [] });
  }
}

function isErrorObject(value: unknown): value is ErrorObject {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

async function call<T>(command: string, parameters: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(command, parameters);
  } catch (thrown) {
    throw Refusal.of(thrown);
  }
}

let jobs = 0;

/** The program as Tauri shows it. */
export const host: Host = {
  version: __VERSION__,
  ask: (command, request, lane) => call('ask', { command, request, lane: lane ?? null }),
  page: async (view, from, count) => {
    const body = await call<ArrayBuffer>('page', { view, from, count });
    return JSON.parse(new TextDecoder().decode(body)) as FlowPage;
  },
  bytes: async (conversation, direction, from, count) =>
    new Uint8Array(await call<ArrayBuffer>('bytes', { conversation, direction, from, count })),
  start: (job, request, onProgress) => {
    const id = ++jobs;
    const progress = new Channel<Progress>(onProgress);
    return {
      done: call('start', { id, job, request, progress }),
      cancel: () => void call('cancel', { id }),
    };
  },
  choose: (what, title) => call('choose', { what, title }),
  listen: (handler) => call('listen', { events: new Channel<HostEvent>(handler) }),
  startup: () => call('startup'),
  loadSettings: () => call('load_settings'),
  saveSettings: (settings) => call('save_settings', { settings }),
};
