import { expect, test } from 'vitest';
import { caseFolder, parentOf, slug } from './folder';

test('a name is made of what any file system takes', () => {
  expect(slug('IR-2026/041: web tier')).toBe('ir-2026-041-web-tier');
  expect(slug('  Überfall im März … ')).toBe('uberfall-im-marz');
  expect(slug('../..')).toBe('');
  expect(slug('x'.repeat(100))).toHaveLength(60);
});

test('a case is called by its number, else by its title', () => {
  expect(caseFolder('/cases/', 'IR-7', 'Web tier')).toBe('/cases/ir-7.tidemark');
  expect(caseFolder('/cases', '', 'Web tier')).toBe('/cases/web-tier.tidemark');
  expect(caseFolder('/', ' ', '')).toBe('/case.tidemark');
});

test('the next case goes beside the last one', () => {
  expect(parentOf('/cases/a/ir-7.tidemark/')).toBe('/cases/a');
});
