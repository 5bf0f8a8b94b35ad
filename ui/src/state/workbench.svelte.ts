/** The open case and everything that the window knows of it. One object for the whole page. */
import { getContext, setContext } from 'svelte';
import type {
  AddSummary,
  CaseObject,
  Exported,
  FilterFieldObject,
  Jobs as JobTable,
  Status,
  Verification,
} from '../lib/bindings';
import { count, counted } from '../lib/format/numbers';
import { microseconds } from '../lib/format/time';
import { Refusal, type Host, type Startup } from '../lib/host';
import { Jobs } from './jobs.svelte';
import { Marking, type MarkKind } from './marking.svelte';
import { NOWHERE, Navigation, type Place, type Stretch } from './navigation.svelte';
import { Notices } from './notices.svelte';
import { Preferences } from './preferences.svelte';
import { SavedViews, placeOf, selectionAt } from './saved.svelte';

const KEY = Symbol('workbench');
/** While evidence comes in, lists are asked for again this often. Unit: ms. */
const REFRESH = 1_000;

/** Things that can be marked: their references, and each in words. */
export interface Subject {
  on: string[];
  about: string[];
}

/** How flow logs are to be read, where their content does not tell. */
export interface ReadingWish {
  /** Name of the format; nothing: as recognised. */
  format: string | null;
  /** Names of the columns, as AWS writes them, or a `LogFormat`. */
  fields: string | null;
}

const AS_RECOGNISED: ReadingWish = { format: null, fields: null };

export class Workbench {
  case = $state.raw<CaseObject | null>(null);
  status = $state.raw<Status | null>(null);
  /** From the first moment of the records to the last. */
  whole = $derived.by((): Stretch | null => {
    const { first = null, last = null } = this.status ?? {};
    if (first === null || last === null) return null;
    return { from_us: microseconds(first), to_us: microseconds(last) };
  });
  fields = $state.raw<FilterFieldObject[]>([]);
  startup = $state.raw<Startup>({ case: null, sample: null });
  /** Rises whenever records, packets or marks changed: who shows some asks again. */
  generation = $state(0);
  /** What the last load gave, file by file. */
  lastAdded = $state.raw<AddSummary | null>(null);
  verification = $state.raw<Verification | null>(null);
  /** Reports written since the case was opened, the last one first. */
  exports = $state.raw<Exported[]>([]);
  /** Something hangs over the window, ready to be dropped. */
  dropping = $state(false);
  /** What a mark would be about now: the selection of the view in front. */
  subject = $state.raw<Subject | null>(null);
  /** Rises when the filter bar is to take the focus. */
  filterWanted = $state(0);
  /** The wish that was served last: the bar may be made only after the wish. */
  filterServed = 0;
  /** Rises when the list in front is to take the focus. */
  listWanted = $state(0);
  /** What the flows view is asked about in a dialog. */
  flowsDialog = $state<'save_view' | 'export' | 'values' | null>(null);
  paletteOpen = $state(false);
  helpOpen = $state(false);

  readonly host: Host;
  readonly preferences: Preferences;
  readonly navigation = new Navigation();
  readonly jobs: Jobs;
  readonly notices = new Notices();
  readonly marking: Marking;
  readonly saved: SavedViews;

  #refreshed = 0;

  constructor(host: Host) {
    this.host = host;
    this.preferences = new Preferences(host);
    this.jobs = new Jobs(host);
    this.saved = new SavedViews(host);
    this.marking = new Marking(host, () => {
      this.generation += 1;
      void this.refreshStatus();
    });
  }

  /** Brings the window to where it was left, or to the case that it was started with. */
  async start(): Promise<void> {
    await Promise.all([
      this.preferences.load(),
      this.host.startup().then((startup) => (this.startup = startup)),
      this.host.listen((event) => {
        if (event.event === 'drag') this.dropping = event.over;
        else void this.drop(event.paths, event.cases);
      }),
    ]);
    const path = this.startup.case ?? this.preferences.last;
    if (path) await this.open(path);
  }

  /** Opens a case; whether it is open now. */
  async open(path: string, rebuild = false): Promise<boolean> {
    try {
      const title = rebuild ? 'Rebuilding' : 'Opening';
      const opened = await this.jobs.run('open_case', title, { path, rebuild });
      await this.#opened(opened);
      return true;
    } catch (thrown) {
      const anew = { title: 'Rebuild', run: () => void this.open(path, true) };
      const { code } = Refusal.of(thrown);
      this.notices.refused(thrown, code === 'cache_unusable' ? anew : null);
      if (this.preferences.last === path) this.preferences.set({ last: null });
      // To be opened anew, a case is closed first: what was cancelled or failed then is not open any more.
      if (this.case?.path === path && code !== 'busy') await this.close();
      return false;
    }
  }

  async create(made: {
    path: string;
    number: string;
    title: string;
    examiner: string;
  }): Promise<void> {
    const opened = await this.host.ask('create_case', made);
    this.preferences.set({ examiner: made.examiner });
    await this.#opened(opened);
    this.navigation.reset({ ...NOWHERE, view: 'evidence' });
  }

  async close(): Promise<void> {
    await this.host.ask('close_case', null);
    this.case = null;
    this.status = null;
    this.lastAdded = null;
    this.verification = null;
    this.exports = [];
    this.marking.clear();
    this.saved.clear();
    this.flowsDialog = null;
    this.navigation.reset(NOWHERE);
    this.preferences.set({ last: null });
  }

  async #opened(opened: CaseObject): Promise<void> {
    this.case = opened;
    this.lastAdded = null;
    this.verification = null;
    this.exports = [];
    this.saved.clear();
    this.flowsDialog = null;
    this.preferences.remember(opened);
    const kept = this.preferences.placeIn(opened.path);
    const place: Place = { ...NOWHERE, view: 'flows', ...kept };
    this.navigation.reset(place);
    // The view in front asks for itself as soon as it is there: nothing changed since.
    await Promise.all([
      this.refreshStatus(),
      this.marking.refresh(),
      this.saved.refresh(),
      this.#loadFields(),
    ]);
    if (this.status?.evidence.length === 0) this.navigation.reset({ ...NOWHERE, view: 'evidence' });
  }

  async #loadFields(): Promise<void> {
    if (this.fields.length === 0) this.fields = await this.host.ask('filter_fields', null);
  }

  /** Takes files and folders in; whether that was done, whatever was in them. */
  async add(paths: string[], wish: ReadingWish = AS_RECOGNISED): Promise<boolean> {
    if (paths.length === 0) return false;
    let done = false;
    try {
      const request = { paths, ...wish };
      this.lastAdded = await this.jobs.run('add', 'Loading evidence', request, () => {
        const now = performance.now();
        if (now - this.#refreshed < REFRESH) return;
        this.#refreshed = now;
        void this.refresh();
      });
      const { items, cancelled } = this.lastAdded;
      const bad = items.filter((item) => item.problem !== null).length;
      const wished = wish.format !== null || wish.fields !== null;
      done = !cancelled;
      if (wished && !cancelled && items.every((item) => item.known)) {
        this.notices.fair(
          'The case holds these bytes already.',
          'They stay as they were read then; nothing was read again.',
        );
      } else if (cancelled)
        this.notices.fair('Loading was cancelled.', 'What was loaded before stays.');
      else if (bad > 0) {
        const files = bad === 1 ? 'One file was' : `${bad} files were`;
        this.notices.fair(`${files} not read.`, 'The Evidence view says why.');
      } else {
        const fresh = items.filter((item) => !item.known).length;
        if (fresh > 0) this.notices.good(`${counted(fresh, 'file')} taken in.`);
        else this.notices.good('Nothing was new.', 'The case holds these bytes already.');
      }
    } catch (thrown) {
      this.notices.refused(thrown);
    }
    await this.refresh();
    return done;
  }

  /** Something was dropped on the window. */
  async drop(paths: string[], cases: string[]): Promise<void> {
    this.dropping = false;
    const [dropped] = cases;
    if (dropped !== undefined) {
      await this.open(dropped);
    } else if (this.case) {
      this.navigation.go({ view: 'evidence' });
      await this.add(paths);
    } else {
      this.notices.fair('No case is open.', 'Make or open a case first, then drop the evidence.');
    }
  }

  /** Lets the user choose evidence, and takes it in. */
  async chooseAndAdd(
    what: 'files' | 'folder',
    wish: ReadingWish = AS_RECOGNISED,
  ): Promise<boolean> {
    const title = what === 'files' ? 'Add files as evidence' : 'Add a folder as evidence';
    return this.add(await this.host.choose(what, title), wish);
  }

  async chooseAndOpen(): Promise<void> {
    const [path] = await this.host.choose('folder', 'Open a case (a folder ending in .tidemark)');
    if (path !== undefined) await this.open(path);
  }

  /** Makes the case of the sample incident, or opens it where it was made before. */
  async openSample(): Promise<void> {
    const { sample } = this.startup;
    if (!sample) return;
    if (this.preferences.recent.some((recent) => recent.path === sample.case)) {
      if (await this.open(sample.case)) return;
    }
    try {
      await this.create({
        path: sample.case,
        number: '2026-001',
        title: 'Sample incident',
        examiner: this.preferences.examiner || 'Sample Examiner',
      });
    } catch (thrown) {
      // It is there already, from an earlier start.
      if (!(await this.open(sample.case))) this.notices.refused(thrown);
      return;
    }
    await this.add([sample.evidence]);
    this.navigation.go({ view: 'flows' });
  }

  /** From a flow record to its packets; says why where there are none. */
  async pivot(record: string, pane: Place['pane'] = 'transactions'): Promise<void> {
    try {
      const detail = await this.host.ask('record', { id: record }, 'pivot');
      const [conversation] = detail.conversations;
      if (conversation) {
        const packet = detail.packet_ids[0] ?? null;
        this.navigation.go({ view: 'conversation', conversation: conversation.id, packet, pane });
      } else {
        const [because = 'No packets were looked for.'] = detail.because;
        this.notices.fair('The captures hold no packets of this record.', because);
      }
    } catch (thrown) {
      this.notices.refused(thrown);
    }
  }

  /** Opens the dialog that marks the selection. */
  mark(kind: MarkKind): void {
    if (this.subject) this.marking.draft = { kind, ...this.subject };
    else this.notices.fair('Nothing is selected.', 'Select a record, a packet or a conversation.');
  }

  async verify(): Promise<void> {
    try {
      this.verification = await this.jobs.run('verify', 'Verifying', null);
    } catch (thrown) {
      this.notices.refused(thrown);
    }
  }

  /** Looks for moved evidence in folders that the user chooses. */
  async locate(): Promise<void> {
    const paths = await this.host.choose('folder', 'Where moved evidence lies now');
    if (paths.length === 0) return;
    try {
      const found = await this.jobs.run('relink', 'Looking for moved evidence', { paths });
      const { length: missing } = found.missing;
      const said = `${counted(found.found.length, 'item')} found by hash among ${counted(found.files, 'file')}`;
      if (missing === 0) this.notices.good(`All evidence is in its place: ${said}.`);
      else this.notices.fair(`${counted(missing, 'item')} missing still.`, `${said}.`);
      await this.refresh();
    } catch (thrown) {
      this.notices.refused(thrown);
    }
  }

  /** Says which interface a mirror session copies. Fails with a refusal. */
  async confirmSession(session: string, interface_id: string): Promise<void> {
    await this.#matched('confirm_session', { session, interface_id });
  }

  async releaseSession(session: string): Promise<void> {
    await this.#orNotice(this.#matched('confirm_session', { session, interface_id: null }));
  }

  /** Sets how far a collector's clock is ahead. Fails with a refusal. */
  async pinClock(collector: string, seconds: number): Promise<void> {
    await this.#matched('pin_clock', { collector, seconds });
  }

  async releaseClock(collector: string): Promise<void> {
    await this.#orNotice(this.#matched('pin_clock', { collector, seconds: null }));
  }

  /** Packets and records are held against each other anew. */
  async #matched<Name extends 'confirm_session' | 'pin_clock'>(
    name: Name,
    request: JobTable[Name]['request'],
  ): Promise<void> {
    await this.jobs.run(name, 'Matching packets to records', request);
    await this.refresh();
  }

  async #orNotice(act: Promise<void>): Promise<void> {
    try {
      await act;
    } catch (thrown) {
      this.notices.refused(thrown);
    }
  }

  /** Writes the report. Fails with a refusal: where it was asked for, it is shown. */
  async exportReport(request: JobTable['export_report']['request']): Promise<void> {
    const exported = await this.jobs.run('export_report', 'Writing the report', request);
    this.exports = [exported, ...this.exports];
    await this.refreshStatus();
  }

  /** Writes the records of the flows view, as it shows them, into a file. Fails with a refusal. */
  async exportFlows(path: string): Promise<void> {
    const { here } = this.navigation;
    const request = { path, selection: selectionAt(here), order: here.order };
    const made = await this.jobs.run('export_flows', 'Exporting records', request);
    this.notices.made(`${counted(made.records, 'record')} exported, ${count(made.size)} bytes.`, [
      { name: 'path', text: made.path },
      { name: 'SHA-256', text: made.sha256 },
    ]);
    await this.refreshStatus();
  }

  /** Writes the packets of a conversation, or of what the flows view shows. Fails with a refusal. */
  async exportPackets(path: string, outer: boolean, conversation?: string): Promise<void> {
    const selection = selectionAt(this.navigation.here);
    const request = { path, selection, conversation: conversation ?? null, outer };
    const made = await this.jobs.run('export_packets', 'Exporting packets', request);
    this.notices.made(`${counted(made.packets, 'packet')} exported, ${count(made.size)} bytes.`, [
      { name: 'path', text: made.path },
      { name: 'SHA-256', text: made.sha256 },
    ]);
    await this.refreshStatus();
  }

  /** Gives what the flows view shows a name in the case. Fails with a refusal. */
  async saveView(name: string): Promise<void> {
    const { here } = this.navigation;
    await this.saved.save(name, selectionAt(here), here.order);
    this.notices.good(`The view “${name}” was saved.`);
    await this.refreshStatus();
  }

  /** Takes a view's name away; says how to have it back. */
  async forgetView(name: string): Promise<void> {
    const view = this.saved.named(name);
    if (!view) return;
    try {
      await this.saved.forget(name);
      const place = placeOf(view, this.whole);
      const selection = selectionAt({ ...NOWHERE, ...place });
      const again = () => this.saved.save(name, selection, place.order ?? null);
      this.notices.good(`The view “${name}” was forgotten.`, null, {
        title: 'Keep it',
        run: () => void again().catch((thrown: unknown) => this.notices.refused(thrown)),
      });
      await this.refreshStatus();
    } catch (thrown) {
      this.notices.refused(thrown);
    }
  }

  /** Shows what a view was saved of. */
  showView(name: string): void {
    const view = this.saved.named(name);
    if (view) this.navigation.go(placeOf(view, this.whole));
  }

  /** Opens a dialog of the flows view, from wherever one is. */
  askAboutFlows(dialog: NonNullable<Workbench['flowsDialog']>): void {
    if (this.navigation.here.view !== 'flows') this.navigation.go({ view: 'flows' });
    this.flowsDialog = dialog;
  }

  /** Asks for everything again that may have changed. */
  async refresh(): Promise<void> {
    try {
      await Promise.all([this.refreshStatus(), this.marking.refresh()]);
      this.generation += 1;
    } catch (thrown) {
      this.notices.refused(thrown);
    }
  }

  async refreshStatus(): Promise<void> {
    try {
      this.status = await this.host.ask('status', null);
    } catch (thrown) {
      if (Refusal.of(thrown).code !== 'no_case') throw thrown;
    }
  }
}

export function provideWorkbench(workbench: Workbench): void {
  setContext(KEY, workbench);
}

export function useWorkbench(): Workbench {
  return getContext<Workbench>(KEY);
}
