import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import pino from 'pino';
import { loadConfig } from '../src/config.ts';
import { type DoctorReport, doctorReport, exitCode } from '../src/doctor/doctor-report.ts';
import { failure, pass, skipped, warning } from '../src/doctor/finding.ts';
import { startOrchestrator } from '../src/orchestrator.ts';
import { loadProfile } from '../src/restaurant/profile-file.ts';
import { newAccount, newNumber } from '../src/simulators/twilio/rest-account.ts';
import { type Simulators, startSimulators } from '../src/stage.ts';
import { CERTIFICATE, proxyFront } from './support/proxy-front.ts';
import { type CommandResult, runCommand } from './support/run-command.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const NUMBER = '+4930123456';
const NUMBER_OF_A_PERSON = '+493098765432';
const WEATHER = { name: 'report_weather', arguments: { city: 'Berlin' } };
const READY_MS = 20_000;

const doctor = (args: string[], env: Record<string, string>, input = '') =>
  runCommand(['src/doctor.ts', ...args], env, input);

function reportOf({ stdout }: CommandResult): DoctorReport {
  return JSON.parse(stdout) as DoctorReport;
}

function findingIn(report: DoctorReport, check: string) {
  const finding = report.findings.find((each) => each.check === check);
  assert.ok(finding, `expected a finding of ${check}`);
  return finding;
}

test('doctor: a command line that is wrong is answered with how it is right, and code 2', async () => {
  const run = await doctor(['--fixx'], {});
  assert.equal(run.code, 2);
  assert.match(run.stderr, /expected .*\n\nnpm run doctor/);
  assert.equal(run.stdout, '');
});

test('doctor: warnings alone leave the code at 0, a failure makes it 1, and the worst is next', () => {
  const findings = [
    { check: 'one', ms: 1, ...skipped('needs nothing') },
    { check: 'two', ms: 1, ...warning('slow', 'hurry') },
    { check: 'three', ms: 1, ...pass('fine') },
  ];
  const mild = doctorReport(findings);
  assert.deepEqual([mild.outcome, mild.next, exitCode(mild)], ['warning', 'hurry', 0]);
  const grave = doctorReport([...findings, { check: 'four', ms: 1, ...failure('out', 'mend it') }]);
  assert.deepEqual([grave.outcome, grave.next, exitCode(grave)], ['failure', 'mend it', 1]);
});

test('doctor: without any setting it fails, names them all, and skips what needs them', async () => {
  const run = await doctor([], {});
  assert.equal(run.code, 1);
  assert.match(run.stdout, /^✗ failure {2}Environment /m);
  for (const name of ['PUBLIC_URL', 'TWILIO_ACCOUNT_SID', 'CARTESIA_API_KEY', 'HF_TOKEN']) {
    assert.match(run.stdout, new RegExp(`${name}: expected`));
  }
  assert.match(run.stdout, /^- skipped {2}Twilio account +needs TWILIO_ACCOUNT_SID/m);
  assert.match(run.stdout, /^Next: set \w+$/m);
  assert.equal(run.stderr, '');
});

describe('doctor: a whole server and its simulators', () => {
  const cleaning: (() => unknown)[] = [];
  let simulators: Simulators;
  let env: Record<string, string>;
  let wellSet: Parameters<typeof newNumber>[1];

  before(async () => {
    const scope = { after: (clean: () => unknown) => void cleaning.push(clean) };
    const directory = await temporaryDirectory(scope);
    const { url, leadTo } = await proxyFront(scope, { secure: true });
    const file = join(directory, 'certificate.pem');
    await writeFile(file, CERTIFICATE);
    simulators = await startSimulators({
      cartesia: { voice: 'tone', realTimeFactor: 50 },
      ultravox: { model: 'served', firstTokenMs: 5, reply: () => ({ tool: WEATHER }) },
    });
    cleaning.push(() => simulators.close());
    env = {
      ...simulators.env,
      PUBLIC_URL: url,
      ULTRAVOX_MODEL: 'served',
      RESTAURANT_STAFF_PHONE: NUMBER_OF_A_PERSON,
    };
    const profile = loadProfile({ env });
    const log = pino({ level: 'silent' });
    const orchestrator = await startOrchestrator(loadConfig(env), { profile, log });
    cleaning.push(() => orchestrator.close(0));
    await orchestrator.engine.ready(READY_MS);
    leadTo(orchestrator.url);
    // The command listens nowhere: it compares the port with what Cerebrium is told.
    Object.assign(env, { NODE_EXTRA_CA_CERTS: file, PORT: '8080', CARTESIA_MAX_CONTEXTS: '5' });
    wellSet = {
      voice_url: `${url}/#rc=2&rp=ct,5xx&rt=4000&tt=12000`,
      voice_fallback_url: `${url}/fallback`,
      status_callback: `${url}/status#rc=5&rp=all&rt=4000`,
    };
  });

  after(async () => {
    for (const clean of cleaning.reverse()) await clean();
  });

  beforeEach(() => {
    Object.assign(simulators.twilio.account, newAccount({ numbers: [newNumber(NUMBER, wellSet)] }));
  });

  test('one that is set up passes with code 0, by a table that says so in words', async () => {
    const run = await doctor([], env);
    assert.equal(run.code, 0, run.stdout);
    const rows = run.stdout.split('\n').filter((line) => /^[✓!✗-] /.test(line));
    assert.ok(rows.length > 15, run.stdout);
    assert.ok(rows.every((row) => /^(✓ pass |! warning|✗ failure|- skipped) {2}/.test(row)));
    for (const name of ['Database', 'Twilio number', 'Cartesia plan', 'vLLM tools', 'Public URL']) {
      assert.match(run.stdout, new RegExp(`^✓ pass {5}${name} `, 'm'));
    }
    assert.match(run.stdout, /\d+ passed, \d+ warnings?, 0 failures, \d+ skipped/);
    assertSecretsKept(run);
  });

  test('JSON holds each finding, the worst outcome, and the one thing to do next', async () => {
    simulators.twilio.account.type = 'Trial';
    const run = await doctor(['--json'], { ...env, CARTESIA_VOICE_ID: 'nobody' });
    assert.equal(run.code, 1);
    const report = reportOf(run);
    assert.equal(report.outcome, 'failure');
    assert.equal(findingIn(report, 'Twilio account').outcome, 'warning');
    assert.equal(findingIn(report, 'Cartesia voice').outcome, 'failure');
    assert.match(report.next ?? '', /set CARTESIA_VOICE_ID/);
    assert.ok(report.findings.every(({ ms }) => Number.isInteger(ms)));
    assertSecretsKept(run);
  });

  test('--fix shows before and after, asks, and with yes sets the number and nothing else', async () => {
    const other = newNumber('+4930777777', { voice_url: 'https://demo.example/' });
    const fresh = newNumber(NUMBER, {
      voice_url: 'https://old.example/voice',
      voice_method: 'GET',
    });
    simulators.twilio.account.numbers = [fresh, other];
    const run = await doctor(['--fix', '--number', NUMBER], env, 'y\n');
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.match(
      run.stdout,
      /webhook +https:\/\/old\.example\/voice -> https:\/\/localhost:\d+\/#rc=2/,
    );
    assert.match(run.stdout, /fallback +nothing -> https:\/\/localhost:\d+\/fallback/);
    assert.match(run.stderr, /Set these at Twilio\? \[y\/N\]/);
    const [set, untouched] = simulators.twilio.account.numbers;
    assert.deepEqual(set, newNumber(NUMBER, wellSet));
    assert.deepEqual(untouched, newNumber('+4930777777', { voice_url: 'https://demo.example/' }));
    assert.match(run.stdout, /✓ pass {5}Twilio number/);
    assertSecretsKept(run);
  });

  test('--fix changes nothing when nobody answers', async () => {
    simulators.twilio.account.numbers = [newNumber(NUMBER)];
    const run = await doctor(['--fix'], env, '');
    assert.equal(run.code, 1);
    assert.match(run.stdout, /Nothing was changed\./);
    assert.deepEqual(simulators.twilio.account.numbers, [newNumber(NUMBER)]);
  });

  test('--fix --yes does not ask, and beside JSON there is nothing else', async () => {
    simulators.twilio.account.numbers = [newNumber(NUMBER)];
    const run = await doctor(['--fix', '--yes', '--json'], env);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.equal(findingIn(reportOf(run), 'Twilio number').outcome, 'pass');
    assert.match(run.stderr, /-> https/);
    assert.doesNotMatch(run.stderr, /\[y\/N\]/);
    assert.deepEqual(simulators.twilio.account.numbers, [newNumber(NUMBER, wellSet)]);
  });

  function assertSecretsKept({ stdout, stderr }: CommandResult): void {
    const { TWILIO_AUTH_TOKEN: token, CARTESIA_API_KEY: key } = simulators.env;
    for (const secret of [token, key, NUMBER.slice(1), NUMBER_OF_A_PERSON.slice(1)]) {
      assert.ok(secret && !(stdout + stderr).includes(secret), 'expected no secret and no number');
    }
  }
});
