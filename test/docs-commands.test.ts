import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const pages = ['README.md', ...globSync('docs/*.md', { cwd: ROOT })];
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((match) => match[1]!);

test('the pages name scripts and files that are there', () => {
  const missing = pages.flatMap((page) => {
    const text = textOf(page);
    const commands = all(text, /npm run (?:-s )?([a-z][\w:-]*)/g).filter((name) => !scripts[name]);
    const files = all(text, /\b((?:src|test|machines)\/[\w./-]+\.(?:ts|yaml|css))/g).concat(
      all(text, /docker exec \w+ node (\S+\.ts)/g),
    );
    return [...commands, ...files.filter((file) => !existsSync(join(ROOT, file)))].map(
      (name) => `${page}: ${name}`,
    );
  });
  assert.deepEqual(missing, []);
});

test('the pages lead to pages and headings that are there', () => {
  const anchors = new Map(pages.map((page) => [page, new Set(headingsOf(textOf(page)))]));
  const broken = pages.flatMap((page) =>
    all(textOf(page), /\]\(([^)\s]+)\)/g)
      .filter((link) => {
        if (/^\w+:/.test(link)) return false;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && anchors.get(target)?.has(anchor) === false;
      })
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

/** As GitHub makes anchors of headings. */
function headingsOf(text: string): string[] {
  return all(text, /^#{1,6} (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
