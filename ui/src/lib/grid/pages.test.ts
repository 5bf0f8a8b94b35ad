import { describe, expect, it } from 'vitest';
import { Pages } from './pages';

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** A list whose rows are their numbers, answered when the test says so. */
function list(total: number) {
  const asked: number[] = [];
  const open: (() => void)[] = [];
  let prefix = 'a';
  const pages = new Pages<string>(
    (from, count) => {
      asked.push(from);
      const rows = Array.from({ length: count }, (_, n) => `${prefix}${from + n}`);
      return new Promise((resolve) => open.push(() => resolve(rows)));
    },
    () => undefined,
  );
  pages.renew(total);
  return {
    pages,
    asked,
    change: (name: string) => (prefix = name),
    async answer(times = Infinity) {
      for (let n = 0; n < times && open.length > 0; n++) {
        open.shift()?.();
        await settled();
      }
    },
  };
}

describe('pages', () => {
  it('load what is seen first, two at once', async () => {
    const { pages, asked, answer } = list(10_000);
    pages.want(100, 140, 1);
    expect(asked).toEqual([64, 128]);
    await answer();
    expect(pages.row(139)).toBe('a139');
    expect(asked).toEqual([64, 128, 192, 256, 0]);
  });

  it('look ahead in the direction of the movement', async () => {
    const { pages, asked, answer } = list(10_000);
    pages.want(1280, 1290, -1);
    await answer();
    expect(asked).toEqual([1280, 1216, 1152, 1344]);
  });

  it('do not begin what is not wanted any more', async () => {
    const { pages, asked, answer } = list(100_000);
    pages.want(0, 40, 1);
    pages.want(50_000, 50_040, 1);
    pages.want(90_000, 90_040, 1);
    await answer();
    expect(asked.slice(0, 3)).toEqual([0, 64, 89_984]);
    expect(asked).not.toContain(49_984);
  });

  it('ask for the last page no further than its end', async () => {
    const { pages, answer } = list(130);
    pages.want(120, 130, 1);
    await answer();
    expect(pages.row(129)).toBe('a129');
    expect(pages.row(130)).toBeUndefined();
  });

  it('show the rows of before until the new ones are there', async () => {
    const { pages, change, answer } = list(200);
    pages.want(0, 40, 1);
    await answer();
    change('b');
    pages.renew(200);
    expect(pages.row(3)).toBe('a3');
    expect(pages.has(0, 40)).toBe(false);
    pages.want(0, 40, 1);
    await answer();
    expect(pages.row(3)).toBe('b3');
  });

  it('drop answers for the list of before', async () => {
    const { pages, change, answer } = list(200);
    pages.want(0, 40, 1);
    change('b');
    pages.renew(200);
    await answer();
    expect(pages.row(3)).toBeUndefined();
  });

  it('keep the pages that were wanted last', async () => {
    const { pages, answer } = list(1_000_000);
    for (let page = 0; page < 100; page++) {
      pages.want(page * 128, page * 128 + 10, 1);
      await answer();
    }
    expect(pages.has(0, 10)).toBe(false);
    expect(pages.has(99 * 128, 99 * 128 + 10)).toBe(true);
  });
});
