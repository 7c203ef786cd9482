import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cerebriumFile } from '../src/doctor/checks/cerebrium-file.ts';
import { disk, spaceFinding } from '../src/doctor/checks/disk.ts';
import { environment } from '../src/doctor/checks/environment.ts';
import { nodeVersion } from '../src/doctor/checks/node-version.ts';
import { restaurantProfile } from '../src/doctor/checks/restaurant-profile.ts';
import { misspelledSettings } from '../src/doctor/misspelled.ts';
import { found } from './support/doctor-check.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const COMPLETE = {
  PUBLIC_URL: 'https://calls.example/agent',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token-of-the-account',
  CARTESIA_API_KEY: 'key-of-the-voice',
  ULTRAVOX_URL: 'http://127.0.0.1:8000/v1',
};

test('doctor: the environment passes, warns of what is misspelled, and fails with every line', async () => {
  assert.equal((await found(environment, COMPLETE)).outcome, 'pass');
  const misspelled = await found(environment, { ...COMPLETE, TWILO_AUTH_TOKEN: 'secret' });
  assert.equal(misspelled.outcome, 'warning');
  assert.match(misspelled.next ?? '', /rename TWILO_AUTH_TOKEN to TWILIO_AUTH_TOKEN/);
  const wrong = await found(environment, {
    ...COMPLETE,
    PORT: 'secret',
    MAX_CALLS: '-1',
    VISUALIZER: 'off',
  });
  assert.equal(wrong.outcome, 'failure');
  assert.match(wrong.found, /^PORT: expected .*; MAX_CALLS: expected .*; VISUALIZER is no setting/);
  assert.equal(wrong.next, 'set PORT');
  assert.doesNotMatch(JSON.stringify([misspelled, wrong]), /secret/);
});

test('doctor: names that others use are not taken for misspelled settings', async () => {
  const others = ['PATH', 'HOME', 'HOSTNAME', 'VISUAL', 'LOGNAME', 'TWILIO_EDGE', 'TWILIO_REGION'];
  others.push('HF_HOME', 'HF_ENDPOINT', 'VLLM_USE_V1', 'OTEL_SERVICE_NAME', 'NODE_OPTIONS');
  others.push('CARTESIA_BASE_URL', 'CEREBRIUM_SERVICE_ACCOUNT_TOKEN', 'npm_config_cache');
  others.push('KUBERNETES_SERVICE_HOST', 'RESTAURANT__NAME', 'RESTAURANT_HOURS');
  assert.deepEqual(misspelledSettings(Object.fromEntries(others.map((name) => [name, 'x']))), []);
  const meant = {
    DATA_DIR: 'DATA_DIRECTORY',
    ULTRAVOX_TONE_OF_VOICE: undefined,
    MAX_CALL: 'MAX_CALLS',
  };
  assert.deepEqual(
    misspelledSettings(Object.fromEntries(Object.keys(meant).map((name) => [name, 'x']))),
    Object.entries(meant).map(([name, word]) => ({ name, meant: word })),
  );
});

test("doctor: what docs/restaurant.md lets override the restaurant's file is no misspelling", async () => {
  const page = await readFile(new URL('../docs/restaurant.md', import.meta.url), 'utf8');
  const names = page.match(/\bRESTAURANT_[A-Z]+(_[A-Z]+)*\b/g) ?? [];
  assert.ok(names.length > 5);
  assert.deepEqual(misspelledSettings(Object.fromEntries(names.map((name) => [name, 'x']))), []);
});

test('doctor: Node passes, is a warning or a failure by its version', async () => {
  for (const [version, outcome] of [
    ['24.12.0', 'pass'],
    ['26.0.0', 'warning'],
    ['22.18.0', 'warning'],
    ['22.17.9', 'failure'],
    ['20.19.0', 'failure'],
  ] as const) {
    assert.equal((await found(nodeVersion, {}, { nodeVersion: version })).outcome, outcome);
  }
});

test('doctor: the restaurant passes, is a warning while it is the sample, a failure when wrong', async (t) => {
  const directory = await temporaryDirectory(t);
  const sample = await readFile(
    new URL('../src/restaurant/sample-profile.yaml', import.meta.url),
    'utf8',
  );
  const path = join(directory, 'restaurant.yaml');
  await writeFile(path, sample);
  const env = { RESTAURANT_PROFILE: path, RESTAURANT_STAFF_PHONE: '+493012345678' };
  assert.equal((await found(restaurantProfile, env)).outcome, 'pass');
  const nobody = await found(restaurantProfile, { RESTAURANT_PROFILE: path });
  assert.match(nobody.found, /nobody takes over/);
  const stock = await found(restaurantProfile, {});
  assert.equal(stock.outcome, 'warning');
  assert.match(stock.found, /^the sample answers/);
  await writeFile(path, `${sample}\nstars: 3\n`);
  assert.equal((await found(restaurantProfile, env)).outcome, 'failure');
  const gone = { RESTAURANT_PROFILE: join(directory, 'none.yaml') };
  assert.match((await found(restaurantProfile, gone)).found, /no such file/);
});

test('doctor: the disk passes, and leaves nothing on it', async (t) => {
  const directory = await temporaryDirectory(t);
  const finding = await found(disk, { DATA_DIRECTORY: directory });
  assert.equal(finding.outcome, 'pass');
  assert.match(finding.found, /^writable, \d+ MiB are free$/);
  const missing = await found(disk, { DATA_DIRECTORY: join(directory, 'not', 'there') });
  assert.equal(missing.outcome, 'pass');
  assert.deepEqual(await readdir(directory), []);
});

test('doctor: a disk that is almost full is a warning, a full one a failure', () => {
  assert.equal(spaceFinding(5000).outcome, 'pass');
  assert.equal(spaceFinding(500).outcome, 'warning');
  assert.equal(spaceFinding(50).outcome, 'failure');
});

test('doctor: a directory that cannot be written to is a failure', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'file');
  await writeFile(file, '');
  const noDirectory = await found(disk, { DATA_DIRECTORY: file });
  assert.equal(noDirectory.outcome, 'failure');
  assert.match(noDirectory.found, /ENOTDIR/);
  // Root may write everywhere.
  if (process.getuid?.() === 0) return;
  const locked = join(directory, 'locked');
  await mkdir(locked);
  await chmod(locked, 0o500);
  assert.match((await found(disk, { DATA_DIRECTORY: locked })).found, /EACCES/);
});

const CEREBRIUM = `
[cerebrium.deployment]
name = "agent"
disable_auth = true
[cerebrium.runtime.custom]
port = 8080
dockerfile_path = "./Dockerfile"
healthcheck_endpoint = "/health"
readycheck_endpoint = "/ready"
[cerebrium.hardware]
compute = "AMPERE_A10"
[cerebrium.scaling]
min_replicas = 2
replica_concurrency = 50
response_grace_period = 1920
`;

test('doctor: a Cerebrium file passes when it fits the settings', async (t) => {
  const directory = await temporaryDirectory(t);
  assert.equal((await found(cerebriumFile, {}, { directory })).outcome, 'skipped');
  await writeFile(join(directory, 'Dockerfile'), '');
  await writeFile(join(directory, 'cerebrium.toml'), CEREBRIUM);
  const finding = await found(cerebriumFile, {}, { directory });
  assert.equal(finding.outcome, 'pass', finding.found);
});

const DEPARTURES: [change: [string, string], outcome: string, expected: RegExp][] = [
  [['period = 1920', 'period = 1800'], 'failure', /calls last up to 1800 s/],
  [['response_grace_period = 1920', ''], 'failure', /response_grace_period is 900 s/],
  [['period = 1920', 'period = 1870'], 'warning', /a shutdown takes up to 1915 s/],
  [['port = 8080', 'port = 9000'], 'failure', /the server listens on 8080/],
  [['disable_auth = true', ''], 'failure', /Twilio cannot log in/],
  [['"/health"', '"/ready"'], 'failure', /would end all calls/],
  [['"/health"', '""'], 'warning', /healthcheck_endpoint is not \/health/],
  [['"/ready"', '""'], 'warning', /readycheck_endpoint is not \/ready/],
  [['replica_concurrency = 50', ''], 'warning', /replica_concurrency 1 is less than MAX_CALLS 50/],
  [['replica_concurrency = 50', 'replica_concurrency = 200'], 'warning', /more than twice/],
  [['min_replicas = 2', ''], 'warning', /the first caller waits/],
  [['./Dockerfile', './Nofile'], 'failure', /names no file/],
  [['port = 8080', ''], 'failure', /custom\.port is missing/],
  [['port = 8080', 'port = = 8080'], 'failure', /is no TOML at line 6/],
];

for (const [change, outcome, expected] of DEPARTURES) {
  test(`doctor: a Cerebrium file with ${change[1] || `no ${change[0]}`} is a ${outcome}`, async (t) => {
    const directory = await temporaryDirectory(t);
    await writeFile(join(directory, 'Dockerfile'), '');
    const text = CEREBRIUM.replace(...change);
    assert.notEqual(text, CEREBRIUM);
    await writeFile(join(directory, 'cerebrium.toml'), text);
    const finding = await found(cerebriumFile, {}, { directory });
    assert.equal(finding.outcome, outcome, finding.found);
    assert.match(finding.found, expected);
    assert.ok(finding.next);
  });
}
