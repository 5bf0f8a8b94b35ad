/** Where findings, notes and tags stand on the timeline: at the time of what they are about. */
import type { Marks } from '../../lib/bindings';
import { microseconds } from '../../lib/format/time';
import type { Host } from '../../lib/host';
import type { Mark } from '../../lib/chart/lanes';

/** More marks than this say nothing more on a line, and each time is asked for. */
const MOST = 60;

interface Placed {
  on: string;
  kind: Mark['kind'];
  title: string;
}

export class MarkTimes {
  list = $state.raw<Mark[]>([]);

  readonly #host: Host;
  /** Times by reference, in µs; evidence does not change. */
  #known: Record<string, number | null> = {};
  #run = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  async follow(marks: Marks): Promise<void> {
    const run = ++this.#run;
    const placed = onTimeline(marks);
    for (const { on } of placed) {
      if (on in this.#known) continue;
      const us = await this.#timeOf(on);
      if (run !== this.#run) return;
      this.#known[on] = us;
    }
    this.list = placed.flatMap(({ on, kind, title }) => {
      const us = this.#known[on] ?? null;
      return us === null ? [] : { us, kind, title };
    });
  }

  stop(): void {
    this.#run += 1;
  }

  async #timeOf(reference: string): Promise<number | null> {
    const [kind = '', id = ''] = reference.split(/:(.*)/s);
    try {
      if (kind === 'record') {
        return (await this.#host.ask('record', { id }, 'mark-times')).row.start_us;
      }
      if (kind === 'conversation') {
        const { conversation } = await this.#host.ask('conversation', { id }, 'mark-times');
        return microseconds(conversation.first);
      }
      const time =
        kind === 'packet' ? (await this.#host.ask('packet', { id }, 'mark-times')).time : null;
      return time === null ? null : microseconds(time);
    } catch {
      // What it is about is not in the case at present; the mark has then no place on the line.
      return null;
    }
  }
}

/** What may stand on the line, findings first; one mark a thing and kind. */
export function onTimeline({ findings, notes, tags }: Marks): Placed[] {
  const all: Placed[] = [
    ...findings
      .filter(({ withdrawn }) => withdrawn === null)
      .flatMap(({ id, title, on }) =>
        on.map((on) => ({ on, kind: 'finding' as const, title: `${id} ${title}` })),
      ),
    ...notes.flatMap(({ on, text }) =>
      on.map((on) => ({ on, kind: 'note' as const, title: text })),
    ),
    ...tags.map(({ on, tags }) => ({ on, kind: 'tag' as const, title: tags.join(', ') })),
  ];
  return all.filter(({ on }) => !on.startsWith('evidence:')).slice(0, MOST);
}
