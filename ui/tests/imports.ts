import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

/** A source file: its path below `src`, with forward slashes, and its text. */
export interface SourceFile {
  path: string;
  text: string;
}

/** The one file that may import `@tauri-apps/*`. */
export const HOST = 'lib/host.ts';

/** Every source file below `root`. */
export function sources(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: relative(root, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }));
}

/**
 * The imports that break a rule, a sentence each. `lib` knows neither `state` nor `features`, `state`
 * knows no `features`, no feature knows another, only `App.svelte` and `main.ts` know them all.
 */
export function violations(files: SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    imports(text)
      .map((specifier) => objection(path, specifier))
      .filter((sentence) => sentence !== undefined),
  );
}

function imports(text: string): string[] {
  const statements = /(?:\bfrom|\bimport)\s*\(?\s*(['"`])([^'"`]+)\1/g;
  return [...text.matchAll(statements)].map((match) => match[2] ?? '');
}

function objection(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('@tauri-apps/')) {
    return path === HOST ? undefined : `${path} imports ${specifier}: only ${HOST} may`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const [from, fromFeature] = path.split('/');
  const [to, toFeature] = posix.normalize(posix.join(dirname(path), specifier)).split('/');
  const broken =
    (from === 'lib' && (to === 'state' || to === 'features')) ||
    (from === 'state' && to === 'features') ||
    (from === 'features' && to === 'features' && fromFeature !== toFeature);
  return broken ? `${path} imports ${specifier}: ${from} must not know it` : undefined;
}
