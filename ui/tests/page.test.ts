import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import App from '../src/App.svelte';
import { NO_HOST } from './host';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

test('without a case the page offers to make or open one', () => {
  const { body } = render(App, { props: { host: NO_HOST } });
  expect(body).toContain('Tidemark');
  expect(body).toContain('1.2.3');
  expect(body).toContain('New case');
});

test.runIf(existsSync(dist))(
  'the built page has no inline script or style and no remote host',
  () => {
    const html = readFileSync(`${dist}/index.html`, 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    const built = readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(html|css)$/.test(entry.name))
      .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'));
    for (const text of built) expect(text).not.toMatch(/https?:\/\//);
  },
);
