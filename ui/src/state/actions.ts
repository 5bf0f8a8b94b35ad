/**
 * All that can be done from anywhere: one table for the palette, the shortcut sheet and the keys.
 * An action has a key, or stands in the palette only.
 */
import { against } from './comparison';
import type { ViewName } from './navigation.svelte';
import type { Workbench } from './workbench.svelte';

export interface Action {
  /** In words, as the palette lists it. */
  title: string;
  group: 'Go to' | 'Case' | 'Find' | 'Packets' | 'Mark' | 'Timeline' | 'Window';
  keys?: string;
  /** Whether it can be done now; without it, always. */
  when?: (workbench: Workbench) => boolean;
  run: (workbench: Workbench) => void;
}

const open = (workbench: Workbench): boolean => workbench.case !== null;
const onFlows = (workbench: Workbench): boolean =>
  open(workbench) && workbench.navigation.here.view === 'flows';
const onRecord = (workbench: Workbench): boolean =>
  onFlows(workbench) && workbench.navigation.here.record !== null;
const marked = (workbench: Workbench): boolean => open(workbench) && workbench.subject !== null;

/** Whether there is more than one source of some record, or all of them are counted as if there were. */
const overlaps = ({ status, navigation }: Workbench): boolean =>
  navigation.here.allSources || (status?.overlapping_records ?? 0) > 0;

/** Views that have a filter bar. */
const FILTERED: ViewName[] = ['flows', 'compare'];

function view(title: string, name: ViewName, keys: string): Action {
  return {
    title,
    group: 'Go to',
    keys,
    when: open,
    run: (workbench) => workbench.navigation.go({ view: name }),
  };
}

export const ACTIONS: readonly Action[] = [
  view('Flows', 'flows', '1'),
  view('Conversations', 'conversations', '2'),
  view('Transactions', 'transactions', '3'),
  view('Findings', 'findings', '4'),
  view('Evidence', 'evidence', '5'),
  view('Report', 'report', '6'),
  view('SQL', 'sql', '7'),
  view('Compare', 'compare', '8'),
  {
    title: 'Back',
    group: 'Go to',
    keys: 'Alt+ArrowLeft',
    when: (workbench) => workbench.navigation.canGoBack,
    run: (workbench) => workbench.navigation.back(),
  },
  {
    title: 'Forward',
    group: 'Go to',
    keys: 'Alt+ArrowRight',
    when: (workbench) => workbench.navigation.canGoForward,
    run: (workbench) => workbench.navigation.forward(),
  },
  {
    title: 'Open a case …',
    group: 'Case',
    keys: 'Ctrl+O',
    run: (workbench) => void workbench.chooseAndOpen(),
  },
  {
    title: 'Open the sample incident',
    group: 'Case',
    when: (workbench) => workbench.startup.sample !== null,
    run: (workbench) => void workbench.openSample(),
  },
  {
    title: 'Add a folder as evidence …',
    group: 'Case',
    keys: 'Ctrl+Shift+A',
    when: open,
    run: (workbench) => void workbench.chooseAndAdd('folder'),
  },
  {
    title: 'Add files as evidence …',
    group: 'Case',
    when: open,
    run: (workbench) => void workbench.chooseAndAdd('files'),
  },
  {
    title: 'Verify evidence and journal',
    group: 'Case',
    keys: 'v',
    when: open,
    run: (workbench) => {
      workbench.navigation.go({ view: 'evidence' });
      void workbench.verify();
    },
  },
  {
    title: 'Close the case',
    group: 'Case',
    when: open,
    run: (workbench) => void workbench.close(),
  },
  {
    title: 'Filter',
    group: 'Find',
    keys: '/',
    when: open,
    run: (workbench) => {
      const { navigation } = workbench;
      if (!FILTERED.includes(navigation.here.view)) navigation.go({ view: 'flows' });
      workbench.filterWanted += 1;
    },
  },
  {
    title: 'Into the list',
    group: 'Find',
    keys: 'g',
    when: open,
    run: (workbench) => (workbench.listWanted += 1),
  },
  {
    title: 'Clear filter and brush',
    group: 'Find',
    keys: 'x',
    when: onFlows,
    run: (workbench) => workbench.navigation.go({ filter: '', brush: null }),
  },
  {
    title: 'All sources, or each record once',
    group: 'Find',
    keys: 'a',
    when: (workbench) => open(workbench) && overlaps(workbench),
    run: (workbench) => {
      const { view, allSources } = workbench.navigation.here;
      const shown = FILTERED.includes(view) ? view : 'flows';
      workbench.navigation.go({ view: shown, allSources: !allSources });
    },
  },
  {
    title: 'Save this view …',
    group: 'Find',
    when: onFlows,
    run: (workbench) => workbench.askAboutFlows('save_view'),
  },
  {
    title: 'Values of a field …',
    group: 'Find',
    when: open,
    run: (workbench) => workbench.askAboutFlows('values'),
  },
  {
    title: 'Export records …',
    group: 'Case',
    when: open,
    run: (workbench) => workbench.askAboutFlows('export'),
  },
  {
    title: 'Packets of the record',
    group: 'Packets',
    keys: 'p',
    when: onRecord,
    run: (workbench) => void workbench.pivot(workbench.navigation.here.record ?? ''),
  },
  {
    title: 'Stream of the record',
    group: 'Packets',
    keys: 's',
    when: onRecord,
    run: (workbench) => void workbench.pivot(workbench.navigation.here.record ?? '', 'stream'),
  },
  {
    title: 'Tag …',
    group: 'Mark',
    keys: 't',
    when: marked,
    run: (workbench) => workbench.mark('tag'),
  },
  {
    title: 'Note …',
    group: 'Mark',
    keys: 'n',
    when: marked,
    run: (workbench) => workbench.mark('note'),
  },
  {
    title: 'Finding …',
    group: 'Mark',
    keys: 'f',
    when: marked,
    run: (workbench) => workbench.mark('finding'),
  },
  {
    title: 'Zoom to the brushed stretch',
    group: 'Timeline',
    keys: 'z',
    when: (workbench) => onFlows(workbench) && workbench.navigation.here.brush !== null,
    run: (workbench) => workbench.navigation.go({ zoom: workbench.navigation.here.brush }),
  },
  {
    title: 'Compare the brushed stretch with what was before',
    group: 'Timeline',
    when: (workbench) => onFlows(workbench) && workbench.navigation.here.brush !== null,
    run: compareBrushed,
  },
  {
    title: 'Whole case',
    group: 'Timeline',
    keys: '0',
    when: (workbench) => onFlows(workbench) && workbench.navigation.here.zoom !== null,
    run: (workbench) => workbench.navigation.go({ zoom: null }),
  },
  {
    title: 'Commands',
    group: 'Window',
    keys: 'Ctrl+K',
    run: (workbench) => (workbench.paletteOpen = true),
  },
  {
    title: 'Keys',
    group: 'Window',
    keys: '?',
    run: (workbench) => (workbench.helpOpen = true),
  },
  {
    title: 'Times in UTC or local',
    group: 'Window',
    keys: 'u',
    run: ({ preferences }) =>
      preferences.set({ zone: preferences.zone === 'utc' ? 'local' : 'utc' }),
  },
  {
    title: 'Dark theme',
    group: 'Window',
    run: ({ preferences }) => preferences.set({ theme: 'dark' }),
  },
  {
    title: 'Light theme',
    group: 'Window',
    run: ({ preferences }) => preferences.set({ theme: 'light' }),
  },
  {
    title: 'Theme of the system',
    group: 'Window',
    run: ({ preferences }) => preferences.set({ theme: 'system' }),
  },
];

/** The brushed stretch against the case before it, of the field that was compared last. */
export function compareBrushed({ navigation, whole }: Workbench): void {
  const { brush, comparison } = navigation.here;
  if (!brush || !whole) return;
  const { field, by } = comparison ?? {};
  const compared = against(brush, whole);
  navigation.go({
    view: 'compare',
    comparison: { ...compared, field: field ?? compared.field, by: by ?? compared.by },
  });
}

/** The table, and what the open case adds to it: its saved views. */
export function actionsIn(workbench: Workbench): Action[] {
  const views = workbench.saved.list.map(({ name }): Action => ({
    title: `View: ${name}`,
    group: 'Find',
    when: open,
    run: () => workbench.showView(name),
  }));
  return [...ACTIONS, ...views];
}

export function available(action: Action, workbench: Workbench): boolean {
  return action.when?.(workbench) ?? true;
}
