import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DoctorReport } from '../src/doctor/doctor-report.ts';
import { runChecks } from '../src/doctor/run-checks.ts';
import { runCommand } from './support/run-command.ts';
import { silentPeer } from './support/silent-peer.ts';

const NETWORKED = [
  'Database',
  'Clock',
  'Twilio account',
  'Cartesia key',
  'Cartesia plan',
  'vLLM model',
  'vLLM audio',
  'vLLM tools',
  'Public URL',
  'Media socket',
  'Twilio number',
];

test('doctor ends within 10 s while whatever it asks accepts and never answers', async (t) => {
  const { port } = await silentPeer(t);
  const address = `127.0.0.1:${port}`;
  const startMs = performance.now();
  const run = await runCommand(['src/doctor.ts', '--json'], {
    PUBLIC_URL: `http://${address}`,
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'a token',
    TWILIO_API_URL: `http://${address}`,
    CARTESIA_API_KEY: 'a key',
    CARTESIA_PLAINTEXT_ADDRESS: address,
    ULTRAVOX_URL: `http://${address}/v1`,
    DATABASE_URL: `postgres://user:password@${address}/calls`,
  });
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < 10_000, `expected less than 10 s, it took ${Math.round(tookMs)} ms`);
  assert.equal(run.code, 1);
  assert.equal(run.stderr, '');
  const { findings } = JSON.parse(run.stdout) as DoctorReport;
  for (const name of NETWORKED) {
    const finding = findings.find(({ check }) => check === name);
    assert.equal(finding?.outcome, 'failure', `${name}: ${finding?.found}`);
    assert.ok(finding.next, `expected advice of ${name}`);
  }
});

test('doctor: checks run at the same time, and each is cancelled when its time is over', async () => {
  const cancelled: string[] = [];
  const hanging = (name: string) => ({
    name,
    remedy: `see to ${name}`,
    run: (_context: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => cancelled.push(name));
      return new Promise<never>(() => {});
    },
  });
  const context = {
    env: {},
    settings: {},
    directory: '/nowhere',
    nodeVersion: '24.12.0',
    number: undefined,
  };
  const results = await runChecks([hanging('one'), hanging('other')], context, 20);
  assert.deepEqual(cancelled, ['one', 'other']);
  assert.deepEqual(
    results.map(({ check, outcome, found, next }) => [check, outcome, found, next]),
    ['one', 'other'].map((name) => [name, 'failure', 'no answer within 0.02 s', `see to ${name}`]),
  );
});

test('doctor: what a check throws that is not ours is told without its words', async () => {
  const check = {
    name: 'one',
    remedy: 'see to it',
    run: async () => {
      throw new TypeError('Invalid URL: https://user:secret@host');
    },
  };
  const context = { env: {}, settings: {}, directory: '', nodeVersion: '', number: undefined };
  const [result] = await runChecks([check], context);
  assert.equal(result?.outcome, 'failure');
  assert.equal(result?.found, 'unexpected TypeError');
});
