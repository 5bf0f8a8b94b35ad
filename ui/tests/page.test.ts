import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import App from '../src/App.svelte';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

test('the page says its name, its version and that the window opens no case yet', () => {
  const { body } = render(App, { props: { host: { version: '1.2.3' } } });
  expect(body).toContain('Tidemark');
  expect(body).toContain('1.2.3');
  expect(body).toContain('does not open cases yet');
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
