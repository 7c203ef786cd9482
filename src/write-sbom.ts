/**
 * `npm run sbom`: writes `out/sbom.json`, a CycloneDX list of the packages that run in production, with
 * their licences and hashes, from the lock file alone. `npm run sbom -- FILE` writes it elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ARGUMENTS = [
  'sbom',
  '--package-lock-only',
  '--sbom-format=cyclonedx',
  '--sbom-type=application',
];

type Manifest = Record<string, unknown> & { name: string };
interface Lock {
  packages: Record<string, Record<string, unknown> & { dev?: boolean; optional?: boolean }>;
}
interface Bom {
  metadata: { component: { name: string } };
  components: unknown[];
}

const file = process.argv[2] ?? join(ROOT, 'out/sbom.json');
const bom = productionBom();
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(bom, undefined, 2)}\n`);
console.log(`${bom.components.length} components in ${file}`);

/**
 * npm's own, of a project without the rest: asked to omit what is for development, npm 11 also omits
 * what both need, such as `pg`. Optional is Node itself, as a package; an image has its own.
 */
function productionBom(): Bom {
  const manifest = readJson<Manifest>('package.json');
  const { packages, ...lock } = readJson<Lock>('package-lock.json');
  const kept = Object.entries(packages).filter(([, { dev, optional }]) => !dev && !optional);
  const directory = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    writeJson('package.json', production(manifest));
    writeJson('package-lock.json', {
      ...lock,
      packages: { ...Object.fromEntries(kept), '': production(packages[''] ?? {}) },
    });
    const bom = runNpm(directory);
    // npm takes the folder's name for that of the program.
    bom.metadata.component.name = manifest.name;
    return bom;
  } finally {
    rmSync(directory, { recursive: true });
  }

  function writeJson(name: string, content: unknown): void {
    writeFileSync(join(directory, name), JSON.stringify(content));
  }
}

function production({
  devDependencies: _,
  optionalDependencies: __,
  ...rest
}: Record<string, unknown>) {
  return rest;
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as T;
}

/** Where npm has started us, it is a program for this very Node. */
function runNpm(directory: string): Bom {
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm ? [process.execPath, npm] : ['npm'];
  const output = execFileSync(command, [...first, ...ARGUMENTS], {
    cwd: directory,
    encoding: 'utf8',
  });
  return JSON.parse(output) as Bom;
}
