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
  // It asks the organs, and starts nothing of the server.
  [
    /^src\/doctor(\.ts$|\/)/,
    /^src\/((doctor|config|twilio|tts|ultravox|restaurant|journal)\/|(config|usage-error)\.ts$)/,
  ],
  [/^src\/metrics\//, /^src\/metrics\//],
  [/^src\/tracing\//, /^src\/tracing\//],
  [/^src\/config(\.ts$|\/)/, /^src\/config\//],
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

test('nobody imports the program itself, nor what examines it', () => {
  const doctor = /^src\/doctor(\.ts$|\/)/;
  for (const file of files) {
    const targets = localImports(file);
    assert.ok(!targets.includes('src/main.ts'), file);
    if (!doctor.test(file)) assert.ok(!targets.some((target) => doctor.test(target)), file);
  }
});

test('time comes from globals that can be replaced as a whole', () => {
  const forbidden = /node:timers|timers\/promises|AbortSignal\.timeout|setInterval\(|Math\.random/;
  // The page's clock is the browser's.
  const ours = files.filter((path) => !path.startsWith('src/visualiser/page/'));
  for (const file of ours) assert.doesNotMatch(readFileSync(file, 'utf8'), forbidden, file);
});

/** Prometheus's and OpenTelemetry's packages are known in one place each. */
const FENCED: [packages: RegExp, place: RegExp][] = [
  [/^prom-client$/, /^src\/metrics\//],
  [/^@opentelemetry\//, /^src\/tracing\//],
];

test('metrics and traces are fed from outside, and their packages stay inside', () => {
  for (const file of files) {
    for (const [packages, place] of FENCED) {
      const known = imports(file).filter((name) => packages.test(name));
      if (!place.test(file)) assert.deepEqual(known, [], file);
    }
    const isGlue = /^src\/(orchestrator|metrics|tracing)\//.test(file);
    const targets = localImports(file).filter((name) => /^src\/(metrics|tracing)\//.test(name));
    if (!isGlue) assert.deepEqual(targets, [], file);
  }
});

test("OpenTelemetry's packages are loaded only where traces are wanted", () => {
  // Whoever loads one of these loads the packages: as types they cost nothing.
  const loading = /^import (?!type )[^;]*(?:tracing|\.)\/(?:call-traces|trace-export)\.ts'/m;
  const loaders = files.filter((file) => loading.test(readFileSync(file, 'utf8')));
  assert.deepEqual(loaders, ['src/tracing/trace-export.ts']);
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
