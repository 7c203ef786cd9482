/**
 * The files of the page as a browser asks for them, under the paths that they have in this project,
 * so that their imports of one another hold. TypeScript is served with its types taken away.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  body: string;
  /** Of HTTP's Content-Type. */
  type: string;
  /** Of HTTP's ETag. */
  tag: string;
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = 'src/visualiser/page';

/** Beside the page's own: nothing that is not named here can be asked for. */
const SHARED = [
  'src/audio/mulaw.ts',
  'machines/state-path.ts',
  'src/visualiser/chart/chart.css',
  ...['call', 'engine'].flatMap((machine) => [
    `docs/${machine}.svg`,
    `docs/${machine}.json`,
    `docs/${machine}.mmd`,
  ]),
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mmd': 'text/plain; charset=utf-8',
};

export class PageFiles {
  readonly #names = new Set([
    ...SHARED,
    ...readdirSync(`${PROJECT}${PAGE}`)
      .filter((name) => name !== 'tsconfig.json' && extname(name) in TYPES)
      .map((name) => `${PAGE}/${name}`),
  ]);
  readonly #loaded = new Map<string, PageFile>();

  /** @param name such as `src/visualiser/page/main.ts`. Undefined: there is no such file. */
  get(name: string): PageFile | undefined {
    const known = this.#loaded.get(name);
    if (known || !this.#names.has(name)) return known;
    const file = load(name);
    this.#loaded.set(name, file);
    return file;
  }

  get index(): PageFile {
    const index = this.get(`${PAGE}/index.html`);
    if (!index) throw new Error(`expected ${PAGE}/index.html, got none`);
    return index;
  }
}

function servedAs(extension: string, source: string): string {
  if (extension === '.ts') return withoutTypes(source);
  // The page links the drawing's style sheet, and its policy allows none inside of anything.
  return extension === '.svg' ? source.replace(/<style>[\s\S]*?<\/style>/, '') : source;
}

/** Loaded when the page is first asked for: it holds a compiler. */
function withoutTypes(source: string): string {
  const { transformSync } = createRequire(import.meta.url)('amaro') as typeof import('amaro');
  return transformSync(source, { mode: 'strip-only' }).code;
}

function load(name: string): PageFile {
  const source = readFileSync(`${PROJECT}${name}`, 'utf8');
  const extension = extname(name);
  const body = servedAs(extension, source);
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { body, type: TYPES[extension] ?? 'application/octet-stream', tag };
}
