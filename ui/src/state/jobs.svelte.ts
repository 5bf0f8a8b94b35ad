/** Long acts: how far they are, how fast, how long still, and their end. */
import type { Jobs as JobTable, Progress } from '../lib/bindings';
import { Refusal, type Host } from '../lib/host';

export type JobName = keyof JobTable;

/** One long act. */
export class Job {
  readonly name: JobName;
  readonly title: string;
  progress = $state.raw<Progress | null>(null);
  /** Share done, 0 to 1; nothing where it cannot be told. */
  share = $derived(share(this.progress));
  /** Unit: bytes a second; nothing before there is something to measure. */
  rate = $state<number | null>(null);
  /** Unit: seconds. */
  remaining = $derived(remaining(this.progress, this.rate));
  cancelling = $state(false);
  cancel: () => void = () => undefined;

  readonly #begun = performance.now();

  constructor(name: JobName, title: string) {
    this.name = name;
    this.title = title;
  }

  take(progress: Progress): void {
    this.progress = progress;
    const seconds = (performance.now() - this.#begun) / 1000;
    if (progress.bytes_done > 0 && seconds > 0.3) this.rate = progress.bytes_done / seconds;
  }
}

function share(progress: Progress | null): number | null {
  if (!progress) return null;
  if (progress.bytes_total > 0) return Math.min(1, progress.bytes_done / progress.bytes_total);
  return progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
}

function remaining(progress: Progress | null, rate: number | null): number | null {
  if (!progress || !rate || progress.bytes_total === 0) return null;
  return Math.max(0, progress.bytes_total - progress.bytes_done) / rate;
}

export class Jobs {
  running = $state.raw<Job[]>([]);

  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Whether an act of this name runs. */
  runs(name: JobName): boolean {
    return this.running.some((job) => job.name === name);
  }

  /** Runs an act to its end. `onProgress` sees every step of it. */
  async run<J extends JobName>(
    name: J,
    title: string,
    request: JobTable[J]['request'],
    onProgress: (progress: Progress) => void = () => undefined,
  ): Promise<JobTable[J]['response']> {
    const job = new Job(name, title);
    const started = this.#host.start(name, request, (progress) => {
      job.take(progress);
      onProgress(progress);
    });
    job.cancel = () => {
      job.cancelling = true;
      started.cancel();
    };
    this.running = [...this.running, job];
    try {
      return await started.done;
    } catch (thrown) {
      throw Refusal.of(thrown);
    } finally {
      this.running = this.running.filter((other) => other !== job);
    }
  }
}
