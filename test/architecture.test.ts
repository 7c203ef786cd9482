import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** What the files of a place may import from this project; packages are free but for machines/. */
const MAY_IMPORT: [place: RegExp, allowed: RegExp][] = [
  [/^machines\//, /^machines\//],
  [/^src\/audio\//, /^src\/audio\//],
  [/^src\/twilio\//, /^src\/(audio|twilio)\//],
  [/^src\/turns\//, /^src\/(audio|turns)\//],
  [/^src\/ultravox\//, /^src\/(audio|ultravox)\//],
  [/^src\/tts\//, /^src\/(audio|tts)\//],
  [/^src\/journal\//, /^src\/journal\//],
  [/^src\/restaurant\//, /^(src\/(restaurant|journal)\/|machines\/call-protocol\.ts$)/],
  // Simulators use the organs' pure parts and the embedded voice; they know no call.
  [/^src\/simulators\//, /^src\/(audio|twilio|tts|ultravox|simulators)\//],
  [
    /^src\/call(\.ts|\/)/,
    /^(machines\/|src\/(call|audio|twilio|turns|ultravox|tts|restaurant|journal)\/|src\/call\.ts$|src\/percentile\.ts$)/,
  ],
  [
    /^src\/server(\.ts|\/)/,
    /^(machines\/call-protocol\.ts$|src\/(server|twilio|journal|visualiser)\/)/,
  ],
  // Runs in the browser: of the server's files it has what is served to it.
  [
    /^src\/visualiser\/page\//,
    /^(src\/visualiser\/page\/|src\/visualiser\/feed-message\.ts$|src\/audio\/mulaw\.ts$|machines\/state-path\.ts$)/,
  ],
  [/^src\/visualiser\//, /^(machines|src\/(visualiser|journal))\//],
  [
    /^src\/replay\//,
    /^(machines\/|src\/(replay|journal|turns)\/|src\/(percentile|usage-error)\.ts$)/,
  ],
  [/^src\/engine\.ts$/, /^(machines|src\/ultravox)\//],
  [/^src\/calls\.ts$/, /^(machines\/|src\/call(\.ts$|\/))/],
];

const files = globSync('{machines,src}/**/*.ts').map((path) => path.replaceAll('\\', '/'));

test('imports run in one direction only', () => {
  const broken = files.flatMap((file) => {
    const rule = MAY_IMPORT.find(([place]) => place.test(file));
    if (!rule) return [];
    return localImports(file)
      .filter((target) => !rule[1].test(target))
      .map((target) => `${file} imports ${target}`);
  });
  assert.deepEqual(broken, []);
  assert.ok(files.length > 30, 'expected to have read the sources');
});

test('machines import xstate and nothing else', () => {
  for (const file of files.filter((path) => path.startsWith('machines/'))) {
    const packages = imports(file).filter((name) => !name.startsWith('.'));
    assert.deepEqual(
      packages.filter((name) => name !== 'xstate'),
      [],
      file,
    );
  }
});

test('nobody imports the program itself', () => {
  for (const file of files) assert.ok(!localImports(file).includes('src/main.ts'), file);
});

test('time comes from globals that can be replaced as a whole', () => {
  const forbidden = /node:timers|timers\/promises|AbortSignal\.timeout|setInterval\(|Math\.random/;
  // The page's clock is the browser's.
  const ours = files.filter((path) => !path.startsWith('src/visualiser/page/'));
  for (const file of ours) assert.doesNotMatch(readFileSync(file, 'utf8'), forbidden, file);
});

function imports(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const found = source.matchAll(/^(?:import|export)\s(?:[^;'"]*\sfrom\s)?\s*['"]([^'"]+)['"]/gm);
  return [...found].map((match) => match[1] ?? '');
}

function localImports(file: string): string[] {
  return imports(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file), name)).replaceAll('\\', '/'));
}
