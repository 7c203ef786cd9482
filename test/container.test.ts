import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../src/config.ts';
import { type Simulators, startSimulators } from '../src/stage.ts';
import {
  type BuiltImage,
  buildImage,
  imageEnvironment,
  inImage,
  makeReadOnly,
  makeWritable,
} from './support/built-image.ts';
import { ChildServer } from './support/child-server.ts';
import { execForm, lastOf, parseDockerfile, type Stage } from './support/dockerfile.ts';
import { productionPackages } from './support/production-packages.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCKERFILES = ['Dockerfile', 'Dockerfile.engine'];
/** Of the program's, these are started by people or by the container itself. */
const ENTRIES = ['main', 'check-health', 'doctor', 'report', 'erase', 'dial', 'replay'];

const stagesOf = async (file: string) => parseDockerfile(await readFile(join(ROOT, file), 'utf8'));

describe('the image that the Dockerfile makes', { skip: process.platform === 'win32' }, () => {
  let directory: string;
  let image: BuiltImage;
  let simulators: Simulators;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'image-'));
    // Its user is somebody else.
    chmodSync(directory, 0o755);
    const dockerfile = join(ROOT, 'Dockerfile');
    // `NPM_CI=1` asks the registry, as a build would.
    const npm = Boolean(process.env.NPM_CI);
    image = buildImage({ dockerfile, context: ROOT, directory, npm });
    simulators = await startSimulators({ cartesia: { voice: 'tone', realTimeFactor: 50 } });
  });
  after(async () => {
    makeWritable(directory);
    rmSync(directory, { recursive: true });
    await simulators.close();
  });

  test('has the locked packages of production, for one platform, and no other', (t) => {
    const installed = globSync('node_modules/{*,@*/*}/package.json', { cwd: inImage(image, '.') })
      .map(dirname)
      .sort();
    const locked = productionPackages(ROOT).map(({ path }) => path);
    const top = locked.filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path)).sort();
    assert.deepEqual(installed, top);
    const engines = inImage(image, 'node_modules/onnxruntime-node/bin/napi-v6');
    const binaries = readdirSync(engines, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.parentPath.slice(engines.length + 1));
    assert.deepEqual([...new Set(binaries)], [`linux/${process.arch}`]);
    const [kib] = execFileSync('du', ['-sk', inImage(image, '.')], { encoding: 'utf8' }).split(
      '\t',
    );
    const way = process.env.NPM_CI ? 'npm ci' : 'copied by the lock file';
    t.diagnostic(`packages ${way}; /app is ${Math.round(Number(kib) / 1024)} MiB`);
  });

  test('has all that its programs import, and nothing that only developers run', () => {
    const files = globSync('{src,machines}/**/*.ts', { cwd: inImage(image, '.') });
    for (const entry of ENTRIES) assert.ok(files.includes(`src/${entry}.ts`), entry);
    const dangling = files.flatMap((file) =>
      importedBy(inImage(image, file))
        .filter((target) => !existsSync(target))
        .map((target) => `${file}: ${target}`),
    );
    assert.deepEqual(dangling, []);
    assert.deepEqual(
      files.filter((file) =>
        /^src\/(simulators|stage|bench|demo|draw|stress|capture|start-sim|place)/.test(file),
      ),
      [],
    );
    assert.ok(!existsSync(inImage(image, 'test')));
  });

  test('read-only and without rights, it takes a call, shows it, and ends well', async (t) => {
    makeReadOnly(image, [lastOf(image.stage, 'VOLUME') ?? '']);
    const profile = join(directory, 'restaurant.yaml');
    copyFileSync(simulators.env.RESTAURANT_PROFILE ?? '', profile);
    const { DATA_DIRECTORY: _, PORT: __, ...given } = simulators.env;
    const ownPort = { PORT: '0' };
    const env = {
      ...imageEnvironment(image),
      ...given,
      ...ownPort,
      RESTAURANT_PROFILE: profile,
      RESTAURANT_GREETING: 'Hello.',
    };
    const startedAt = performance.now();
    const command = execForm(lastOf(image.stage, 'CMD'));
    const server = new ChildServer(env, {
      directory: inImage(image, '.'),
      command: [inImage(image, `/usr/local/bin/${command[0]}`), ...command.slice(1)],
      user: image.user,
    });
    try {
      const { port } = await server.says('listening');
      t.diagnostic(`listening after ${Math.round(performance.now() - startedAt)} ms`);
      await server.says('Model pre-warming completed');
      const url = `http://127.0.0.1:${port}`;
      assert.equal(await healthOf(image, port), 0);
      await pageIsServed(url);
      const call = simulators.twilio.placeCall({
        webhookUrl: `${url}/`,
        publicUrl: simulators.publicUrl,
        maxMs: 30_000,
        caller: async (caller) => {
          await caller.agentSpeaking();
          await caller.agentSilent();
          for (const digit of ['4', '2', '#']) await caller.press(digit);
          await caller.agentSpeaking();
          server.signal('SIGTERM');
          await caller.agentSilent();
        },
      });
      assert.equal((await call.ended).scriptError, undefined);
      assert.equal(await server.exited(20_000), 0);
      assert.equal(await healthOf(image, port), 1);
    } finally {
      server.kill();
    }
    const ended = server.lines.filter(({ msg }) => msg === 'call ended');
    assert.deepEqual(
      ended.map(({ outcome }) => outcome),
      ['completed'],
    );
    assert.equal(server.stderr, '');
    assert.ok(existsSync(inImage(image, '/data/calls.sqlite')));
  });
});

test('both images run as somebody without rights, exactly, and say what they need', async () => {
  const { PORT } = loadConfig(SETTINGS);
  for (const file of DOCKERFILES) {
    const stages = await stagesOf(file);
    for (const { image } of stages)
      assert.match(image, /:v?\d+\.\d+\.\d+(-|$)/, 'an exact version');
    const last = stages.at(-1)!;
    assert.match(lastOf(last, 'USER') ?? '', /^[1-9]\d*:\d+$/, 'a number, not root');
    assert.equal(lastOf(last, 'EXPOSE'), String(PORT));
    assert.match(envOf(last), new RegExp(`PORT=${PORT}\\b`));
    assert.match(envOf(last), new RegExp(`DATA_DIRECTORY=${lastOf(last, 'VOLUME')}\\b`));
    assert.deepEqual(execForm(lastOf(last, 'ENTRYPOINT')), []);
    assert.deepEqual(execForm(lastOf(last, 'CMD')).slice(-2), ['node', 'src/main.ts']);
    assert.deepEqual(execForm(lastOf(last, 'HEALTHCHECK')), ['node', 'src/check-health.ts']);
  }
});

test('the server in the image with the engine is the same one, under another user', async () => {
  const [alone, beside] = await Promise.all(
    DOCKERFILES.map(async (file) => (await stagesOf(file)).find(({ name }) => name === 'server')),
  );
  const neutral = (stage: Stage | undefined) =>
    JSON.stringify(stage)
      .replaceAll('10001', 'id')
      .replace('2000:0', 'id:id')
      .replace('-o 2000 -g 0', '-o id -g id');
  assert.equal(neutral(beside), neutral(alone));
});

test('hadolint has nothing to say', (t) => {
  const { error, status, stdout } = spawnSync('hadolint', [...DOCKERFILES, 'Dockerfile.vllm'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (error) return t.skip('hadolint is not on the PATH');
  assert.equal(status, 0, stdout);
});

const SETTINGS = {
  PUBLIC_URL: 'https://calls.example',
  TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a token',
  CARTESIA_API_KEY: 'a key',
  HF_TOKEN: 'a token',
};

function envOf(stage: Stage): string {
  return stage.instructions
    .filter(({ name }) => name === 'ENV')
    .map(({ text }) => text)
    .join(' ');
}

/** Files that are loaded as it runs, and packages by their folder. */
function importedBy(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const statics = source.matchAll(
    /^(?:import|export)\s(?!type\b)(?:[^;'"]*\sfrom\s)?\s*['"]([^'"]+)['"]/gm,
  );
  const others = source.matchAll(/(?:\bimport\(|new URL\(|require\()\s*'(\.{1,2}\/[^']+\.\w+)'/g);
  return [...statics, ...others].flatMap(([, name = '']) => {
    if (name.startsWith('.')) return [join(dirname(file), name)];
    if (name.startsWith('node:')) return [];
    const [scope = '', second = ''] = name.split('/');
    const folder = scope.startsWith('@') ? `${scope}/${second}` : scope;
    return [join(file.slice(0, file.lastIndexOf('/app/') + 5), 'node_modules', folder)];
  });
}

/** The exit code of the container's own check. */
function healthOf(image: BuiltImage, port: unknown): Promise<number> {
  const [node = '', ...args] = execForm(lastOf(image.stage, 'HEALTHCHECK'));
  return new Promise((resolve) => {
    execFile(
      inImage(image, `/usr/local/bin/${node}`),
      args,
      {
        cwd: inImage(image, '.'),
        env: { ...imageEnvironment(image), PORT: String(port) },
        ...image.user,
      },
      (error) => resolve(typeof error?.code === 'number' ? error.code : 0),
    );
  });
}

async function pageIsServed(url: string): Promise<void> {
  for (const [path, type] of [
    ['/visualiser/', 'text/html'],
    ['/visualiser/files/src/visualiser/page/main.ts', 'text/javascript'],
    ['/visualiser/files/docs/call.svg', 'image/svg+xml'],
    ['/visualiser/files/src/visualiser/chart/chart.css', 'text/css'],
  ] as const) {
    const answer = await fetch(`${url}${path}`);
    assert.equal(answer.status, 200, path);
    assert.match(
      answer.headers.get('content-type') ?? '',
      new RegExp(`^${type.replace('+', '\\+')}`),
    );
  }
}
