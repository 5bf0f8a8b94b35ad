import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { HOST, sources, violations } from './imports';

const files = sources(fileURLToPath(new URL('../src', import.meta.url)));

function check(path: string, text: string, expected: number): void {
  expect(violations([{ path, text }]), `${path}: ${text}`).toHaveLength(expected);
}

test('only the host imports the shell, and no layer imports one above it', () => {
  expect(files.map((file) => file.path)).toContain(HOST);
  expect(violations(files)).toEqual([]);
});

test('an import of the shell is found anywhere but in the host', () => {
  const text = `import { invoke } from '@tauri-apps/api/core';`;
  check(HOST, text, 0);
  check('App.svelte', text, 1);
  check('lib/host.test.ts', text, 1);
  check('state/jobs.svelte.ts', `const { invoke } = await import("@tauri-apps/api/core");`, 1);
  check('state/jobs.svelte.ts', `import '@tauri-apps/plugin-fs';`, 1);
  check('state/jobs.svelte.ts', `export * from '@tauri-apps/api/core';`, 1);
});

test('an import against the direction is found', () => {
  check('lib/grid/window.ts', `import { workbench } from '../../state/workbench.svelte';`, 1);
  check('lib/host.ts', `import FlowsView from '../features/flows/FlowsView.svelte';`, 1);
  check('state/workbench.svelte.ts', `import { columns } from '../features/flows/columns';`, 1);
  check('features/flows/columns.ts', `import { rows } from '../packets/columns';`, 1);
});

test('an import along the direction is fine', () => {
  check('features/flows/FlowsView.svelte', `import { columns } from './columns';`, 0);
  check('features/flows/columns.ts', `import { bytes } from '../../lib/format/bytes';`, 0);
  check('state/workbench.svelte.ts', `import type { Host } from '../lib/host';`, 0);
  check('App.svelte', `import FlowsView from './features/flows/FlowsView.svelte';`, 0);
});
