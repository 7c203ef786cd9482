import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { callerKey } from '../src/journal/caller-key.ts';
import type { CallRow } from '../src/journal/schema.ts';
import { figuresOf } from '../src/report/call-report.ts';
import {
  addAnswer,
  addCall,
  emptyTally,
  endingOf,
  type ReportedCall,
} from '../src/report/call-tally.ts';
import { csv } from '../src/report/csv.ts';
import { readReport } from '../src/report/read-report.ts';
import { readReportArguments } from '../src/report/report-arguments.ts';
import { reportCsv, reportTable } from '../src/report/report-text.ts';
import { UsageError } from '../src/usage-error.ts';
import { freshSqlite, onBothDatabases } from './support/databases.ts';
import { callRow, reservationRow, turnRow } from './support/journal-rows.ts';
import { wholeDatabase } from './support/whole-database.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** 25 November, one in the afternoon in Berlin. */
const NOW = Date.UTC(2026, 10, 25, 12);

function call(row: Partial<CallRow>): ReportedCall {
  return callRow({ call_sid: 'CA1', ...row });
}

/** Ten calls, of which the figures below were worked out by hand. */
const CALLS: ReportedCall[] = [
  call({
    outcome: 'completed',
    duration_ms: 60_000,
    turns: 4,
    interruptions: 1,
    reservation_id: 'R1',
    tool_calls: '{"hold_table":2,"hold_table.refused":1}',
    tags: '["booking"]',
    dead_air_ms: 1000,
  }),
  call({
    outcome: 'completed',
    duration_ms: 90_000,
    turns: 6,
    failures: 1,
    tool_calls: '{"hold_table":1}',
    tags: '["booking","menu"]',
    dead_air_ms: 3000,
  }),
  call({ outcome: 'timedOut', reason: 'idle', duration_ms: 30_000, turns: 1, reprompts: 2 }),
  call({ outcome: 'handedOff', duration_ms: 40_000, turns: 2 }),
  call({ outcome: 'voicemail', duration_ms: 20_000 }),
  call({ outcome: 'abandoned', duration_ms: 5000 }),
  call({ outcome: 'timedOut', reason: 'engine', duration_ms: 10_000, failures: 3 }),
  call({ outcome: 'lost', duration_ms: 25_000 }),
  call({ outcome: 'busy' }),
  call({ outcome: null }),
];

test('figures are those worked out by hand', () => {
  const tally = emptyTally();
  for (const each of CALLS) addCall(tally, each);
  for (const response of [400, 500, 600, 700]) {
    addAnswer(tally, JSON.stringify({ endpoint: response / 2, response }));
  }
  const { latenciesMs, ...figures } = figuresOf(tally);
  assert.deepEqual(figures, {
    calls: 10,
    live: 1,
    completed: 3,
    handedOff: 1,
    voicemail: 1,
    abandoned: 1,
    failed: 2,
    notReached: 1,
    // Of the eight that ended and were reached.
    completionShare: 4 / 8,
    failedShare: 2 / 8,
    errorShare: 3 / 8,
    averageDurationS: 280 / 8,
    turns: 13,
    interruptions: 1,
    reprompts: 2,
    averageDeadAirMs: 2000,
    maxDeadAirMs: 3000,
    reservations: 1,
    toolCalls: { hold_table: 3, 'hold_table.refused': 1 },
    tags: { booking: 2, menu: 1 },
  });
  assert.deepEqual(latenciesMs.response, { p50: 500, p95: 700 });
  assert.deepEqual(latenciesMs.endpoint, { p50: 250, p95: 350 });
  assert.deepEqual(latenciesMs.voice, { p50: null, p95: null });
});

test('of no calls there are no shares', () => {
  const { completionShare, averageDurationS, maxDeadAirMs, calls } = figuresOf(emptyTally());
  assert.deepEqual([completionShare, averageDurationS, maxDeadAirMs, calls], [null, null, null, 0]);
});

test('an outcome that nobody knows counts as a failure', () => {
  assert.equal(endingOf({ outcome: 'eaten', reason: null }), 'failed');
});

test('a row that is damaged does not end a report', () => {
  const tally = emptyTally();
  addCall(tally, call({ outcome: 'completed', tool_calls: '{', tags: '7' }));
  addCall(tally, call({ outcome: 'completed', tool_calls: '"x"', tags: 'null' }));
  for (const latencies of ['', '3', 'null', '{"response":"fast"}']) addAnswer(tally, latencies);
  const figures = figuresOf(tally);
  assert.deepEqual([figures.calls, figures.toolCalls, figures.tags], [2, {}, {}]);
  assert.equal(figures.latenciesMs.response.p50, null);
});

test('CSV quotes what needs it, and lets no cell be a formula', () => {
  const rows = [
    ['plain', 'a,b', 'say "hi"', 'two\nlines', ''],
    ['=1+1', '+1', '-2', '-2+3', '@sum', '\tx'],
    ['=a,"b"', '3.5', "'", 'a=b', '-', '+x'],
  ];
  assert.equal(
    csv(rows),
    [
      'plain,"a,b","say ""hi""","two\nlines",\r\n',
      "'=1+1,'+1,-2,'-2+3,'@sum,'\tx\r\n",
      `"'=a,""b""",3.5,',a=b,'-,'+x\r\n`,
    ].join(''),
  );
});

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: a report counts a period by the days of its time zone`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const { db } = database;
    const at = (text: string) => Date.parse(text);
    const starts = [
      '2026-11-01T00:00:00+01:00',
      '2026-11-01T23:59:59+01:00',
      '2026-11-02T00:00:00+01:00',
      '2026-10-31T23:59:59+01:00',
      '2026-11-03T00:00:00+01:00',
    ];
    const calls = Array.from({ length: 450 }, (_, index) => ({
      call_sid: `CA${index}`,
      started_at: at(starts[index % 5]!),
      outcome: 'completed',
    }));
    await db.insertInto('calls').values(calls.map(callRow)).execute();
    const latencies = JSON.stringify({ response: 500 });
    await db
      .insertInto('turns')
      .values(calls.map(({ call_sid }) => turnRow({ call_sid, latencies })))
      .execute();
    const { period } = readReportArguments(
      ['--from', '2026-11-01', '--to', '2026-11-02', '--zone', 'Europe/Berlin'],
      NOW,
    );
    const { total, days } = await readReport(database, period);
    assert.equal(total.calls, 270);
    assert.equal(total.latenciesMs.response.p95, 500);
    assert.deepEqual(
      days.map(({ date, figures }) => [date, figures.calls]),
      [
        ['2026-11-01', 180],
        ['2026-11-02', 90],
      ],
    );
  });
});

test('the period is the last thirty days where nothing is said', () => {
  const { described, format, period } = readReportArguments(['--zone', 'Europe/Berlin'], NOW);
  assert.equal(described, '2026-10-27 to 2026-11-25, Europe/Berlin');
  assert.equal(format, 'table');
  assert.equal(period.to, Date.parse('2026-11-26T00:00:00+01:00'));
});

test('a command line that is wrong says what was expected and what came', () => {
  const wrong: [args: string[], message: RegExp][] = [
    [['--from', 'yesterday'], /--from: expected a date such as 2026-11-30, got "yesterday"/],
    [['--to', '2026-02-30'], /--to: expected a date such as 2026-11-30, got "2026-02-30"/],
    [['--from', '2026-11-30', '--to', '2026-11-01'], /expected the first day first/],
    [['--from', '1970-01-01'], /expected at most 3700 days/],
    [
      ['--zone', 'Mars/Base'],
      /--zone: expected a time zone such as Europe\/Berlin, got "Mars\/Base"/,
    ],
    [['--csv', '--json'], /expected one of them, got both/],
    [['--cvs'], /--cvs/],
    [['November'], /November/],
  ];
  for (const [args, message] of wrong) {
    assert.throws(
      () => readReportArguments(args, NOW),
      (error) => error instanceof UsageError && message.test(error.message),
      args.join(' '),
    );
  }
});

test('table and CSV show the same figures', async (t) => {
  const database = await (await freshSqlite(t)).open();
  const rows = CALLS.map((each, index) =>
    callRow({ ...each, call_sid: `CA${index}`, started_at: NOW - (index % 2) * 86_400_000 }),
  );
  rows[0]!.tags = '["=HYPERLINK(\\"x\\")"]';
  await database.db.insertInto('calls').values(rows).execute();
  const { period, described } = readReportArguments(['--zone', 'UTC'], NOW);
  const report = await readReport(database, period);
  const table = reportTable(report, described);
  assert.match(table, /^Calls 2026-10-27 to 2026-11-25, UTC\n/);
  assert.match(table, /\nCompletion rate, % +50\.0\n/);
  assert.match(table, /\nResponse p95, ms +-\n/);
  assert.match(table, /\n2026-11-24 +5 /);
  const lines = reportCsv(report).split('\r\n');
  const [head = '', , , total = ''] = lines;
  assert.deepEqual(
    lines.map((line) => line.split(',')[0]),
    ['day', '2026-11-24', '2026-11-25', 'total', ''],
  );
  const column = head.split(',').indexOf('completion_percent');
  assert.equal(total.split(',')[column], '50.0');
  assert.match(total, /,"'=HYPERLINK\(""x""\): 1; /);
});

/** The command in a process of its own, with this environment and nothing else. */
async function run(script: string, args: string[], env: Record<string, string>) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('the report command needs no more than the database', async (t) => {
  const fresh = await freshSqlite(t);
  const database = await fresh.open();
  await database.db
    .insertInto('calls')
    .values(callRow({ call_sid: 'CA1', started_at: Date.now() }))
    .execute();
  await database.close();
  const env = { DATA_DIRECTORY: fresh.options.directory ?? '' };
  const report = await run('src/report.ts', ['--json'], env);
  assert.equal(report.stderr, '');
  assert.equal(JSON.parse(report.stdout).total.calls, 1);
  assert.equal(report.code, 0);
});

test('a command whose database is not there says so and makes none', async (t) => {
  const empty = await mkdtemp(join(tmpdir(), 'records-'));
  t.after(() => rm(empty, { recursive: true }));
  const missing = await run('src/report.ts', [], { DATA_DIRECTORY: empty });
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(
    missing.stderr,
    /^DATA_DIRECTORY: expected the server's directory with calls\.sqlite/,
  );
  const wrong = await run('src/report.ts', [], { DATABASE_URL: 'mysql://user:canary@host/db' });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^DATABASE_URL: expected an address starting with postgres:\/\//);
  const gone = await run('src/report.ts', [], {
    DATABASE_URL: 'postgres://user:canary@127.0.0.1:1/db',
  });
  assert.equal(gone.code, 1);
  assert.doesNotMatch(wrong.stderr + gone.stderr, /canary|\n +at /);
});

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: the erase command names calls that another replica may have recorded`, async (t) => {
    const fresh = await freshDatabase(t);
    const database = await fresh.open();
    const key = callerKey('+493012345678', 'secret') ?? null;
    const rows = ['CA1', 'CA2'].map((call_sid) => callRow({ call_sid, caller_key: key }));
    await database.db.insertInto('calls').values(rows).execute();
    const { code, stdout } = await run('src/erase.ts', ['+493012345678'], {
      ...(fresh.options.url && { DATABASE_URL: fresh.options.url }),
      DATA_DIRECTORY: fresh.options.directory ?? tmpdir(),
      CALLER_KEY_SECRET: 'secret',
    });
    assert.equal(code, 0);
    const named = /^if recorded by another replica, to be deleted there: CA1 CA2$/m.test(stdout);
    assert.equal(named, kind === 'postgres');
  });
});

test('the erase command erases a caller, and tells of a guest who is expected', async (t) => {
  const fresh = await freshSqlite(t);
  const database = await fresh.open();
  const phone = '+493012345678';
  const key = callerKey(phone, 'secret') ?? null;
  const [theirs, others] = ['1', '2'].map((digit) => `CA${digit.repeat(32)}`);
  await database.db
    .insertInto('calls')
    .values([
      callRow({ call_sid: 'CA1', caller_key: key }),
      callRow({ call_sid: theirs!, caller_key: key }),
      callRow({ call_sid: others! }),
    ])
    .execute();
  const recordings = join(fresh.options.directory ?? '', 'recordings');
  await mkdir(recordings);
  for (const sid of [theirs, others]) await writeFile(join(recordings, `${sid}.wav`), 'sound');
  const later = { starts_at: Date.now() + 86_400_000, ends_at: Date.now() + 90_000_000 };
  await database.db
    .insertInto('reservations')
    .values(reservationRow({ id: 'R1', name: 'Canary', ...later }))
    .execute();
  const env = { DATA_DIRECTORY: fresh.options.directory ?? '', CALLER_KEY_SECRET: 'secret' };
  const kept = await run('src/erase.ts', [phone], env);
  assert.equal(kept.code, 3);
  assert.match(
    kept.stdout,
    /calls: 2\n(?:.*\n)*recordings: 1\n(?:.*\n)*kept, as the guest is expected: R1, 2026-11-26 19:30/,
  );
  assert.deepEqual(await readdir(recordings), [`${others}.wav`]);
  const all = await run('src/erase.ts', [phone, '--with-upcoming'], env);
  assert.deepEqual([all.code, all.stderr], [0, '']);
  assert.doesNotMatch(await wholeDatabase(database), /Canary/);
  assert.doesNotMatch(await wholeDatabase(database), new RegExp(String(key)));
  for (const args of [[], ['030 1234567'], [phone, phone], [phone, '--force']]) {
    const { code, stderr } = await run('src/erase.ts', args, env);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /^expected /);
    assert.doesNotMatch(stderr, /1234567$/m, 'no number in an error');
  }
  const { code, stderr } = await run('src/erase.ts', [phone], {
    DATA_DIRECTORY: env.DATA_DIRECTORY,
  });
  assert.equal(code, 2);
  assert.match(stderr, /^CALLER_KEY_SECRET: expected/);
});
