import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JournalEntry } from '../src/journal/journal-entry.ts';
import { Spool } from '../src/journal/spool.ts';
import { abandonSpool, DEAD_PID } from './support/abandon-spool.ts';
import { eventRow, messageRow, stamped } from './support/journal-rows.ts';

const ROOMY = { maxBytes: 1024 * 1024 };

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'spool-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Closed after the test; closing twice does no harm. */
function open(t: TestContext, directory: string, options: { maxBytes: number }): Spool {
  const spool = new Spool(directory, options);
  t.after(() => spool.close());
  return spool;
}

function events(count: number, from = 0): JournalEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'event',
    row: eventRow({ seq: from + index }),
  }));
}

/** Takes all that is there, and tells the numbers of the events. */
async function drained(spool: Spool, most: number): Promise<number[]> {
  const seqs: number[] = [];
  for (;;) {
    const batch = await spool.next(most);
    if (!batch) return seqs;
    for (const { entry } of batch.entries) if (entry.kind === 'event') seqs.push(entry.row.seq);
    await spool.advance(batch);
  }
}

const upTo = (count: number) => [...Array(count).keys()];

test('what is spooled comes back in order, and the drained file is deleted', async (t) => {
  const directory = await folder(t);
  const spool = open(t, directory, ROOMY);
  assert.deepEqual(await spool.append(stamped(events(5))), { taken: 5, refused: 0 });
  assert.deepEqual(await spool.append(stamped(events(4, 5))), { taken: 4, refused: 0 });
  assert.ok(spool.bytes > 0);
  assert.deepEqual(await drained(spool, 2), upTo(9));
  assert.equal(spool.empty, true);
  assert.deepEqual(await readdir(directory), []);
  await spool.append(stamped(events(1)));
  assert.deepEqual(await drained(spool, 2), [0], 'it goes on in another file');
});

test('sound comes back byte by byte, however it was given', async (t) => {
  const spool = open(t, await folder(t), ROOMY);
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const sound = (turn: number, mulaw: Uint8Array | null): JournalEntry => ({
    kind: 'sound',
    callSid: 'CA1',
    epoch: 2,
    turn,
    mulaw,
  });
  await spool.append(stamped([sound(1, bytes), sound(2, Buffer.from(bytes)), sound(3, null)]));
  const entries = (await spool.next(3))?.entries.map(({ entry }) => entry);
  assert.deepEqual(entries, [
    sound(1, Buffer.from(bytes)),
    sound(2, Buffer.from(bytes)),
    sound(3, null),
  ]);
});

test('a minute of sound fits into a line, and gives way to records like events do', async (t) => {
  const minute = { kind: 'sound', callSid: 'CA1', epoch: 0, turn: 1 } as const;
  const mulaw = new Uint8Array(60 * 8000);
  const spool = open(t, await folder(t), { maxBytes: 2 * 650 * 1024 });
  const entries = stamped([
    { ...minute, mulaw },
    { ...minute, mulaw },
  ]);
  assert.deepEqual(await spool.append(entries), { taken: 2, refused: 1 });
  assert.deepEqual(await spool.append(stamped([{ kind: 'message', row: messageRow() }])), {
    taken: 1,
    refused: 0,
  });
});

test('a batch that is not advanced over comes again', async (t) => {
  const spool = open(t, await folder(t), ROOMY);
  await spool.append(stamped(events(3)));
  const first = await spool.next(2);
  assert.deepEqual(await spool.next(2), first);
  assert.deepEqual(await drained(spool, 2), upTo(3));
});

test('the files of a dead process are drained where it had stopped, before our own', async (t) => {
  const directory = await folder(t);
  const dead = open(t, directory, ROOMY);
  await dead.append(stamped(events(10)));
  await dead.advance((await dead.next(4))!);
  await dead.close();
  await abandonSpool(directory);
  const spool = open(t, directory, ROOMY);
  await spool.append(stamped(events(2, 10)));
  await spool.claim();
  assert.deepEqual(await drained(spool, 3), [4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(await readdir(directory), []);
});

test('a torn last line is passed over, and so is one that is damaged', async (t) => {
  const directory = await folder(t);
  const dead = open(t, directory, ROOMY);
  await dead.append(stamped(events(2)));
  await dead.close();
  const [name = ''] = await readdir(directory);
  await appendFile(join(directory, name), 'damaged\n');
  await appendFile(join(directory, name), JSON.stringify(stamped(events(3))[2]).slice(0, -9));
  await abandonSpool(directory);
  const spool = open(t, directory, ROOMY);
  await spool.claim();
  const whole = await spool.next(10);
  assert.deepEqual([whole?.entries.length, whole?.damaged], [2, 1]);
  await spool.advance(whole!);
  const torn = await spool.next(10);
  assert.deepEqual([torn?.entries.length, torn?.damaged], [0, 1]);
  await spool.advance(torn!);
  assert.deepEqual(await readdir(directory), []);
});

test('of two that want the same file one gets it', async (t) => {
  const directory = await folder(t);
  const dead = open(t, directory, ROOMY);
  await dead.append(stamped(events(3)));
  await dead.close();
  await abandonSpool(directory);
  const rivals = [open(t, directory, ROOMY), open(t, directory, ROOMY)];
  await Promise.all(rivals.map((spool) => spool.claim()));
  const found = await Promise.all(rivals.map((spool) => drained(spool, 10)));
  assert.deepEqual(found.flat(), upTo(3));
});

test('the files of the living are let be', async (t) => {
  const directory = await folder(t);
  const owner = open(t, directory, ROOMY);
  await owner.append(stamped(events(3)));
  const other = open(t, directory, ROOMY);
  await other.claim();
  assert.equal(other.empty, true, 'a second one of this process');
  for (const [name, pid] of [
    ['a process of this machine', `${hostname()}.${process.ppid}`],
    ['a container that started with our process id', `${hostname()}.${process.pid}`],
    ['another machine', `elsewhere.${DEAD_PID}`],
  ] as const) {
    await owner.close();
    await abandonSpool(directory, pid);
    await other.claim();
    assert.equal(other.empty, true, name);
  }
  const [left = ''] = await readdir(directory);
  const longAgo = new Date(Date.now() - 11 * 60_000);
  await utimes(join(directory, left), longAgo, longAgo);
  await other.claim();
  assert.deepEqual(await drained(other, 10), upTo(3), 'nobody touched it for eleven minutes');
});

test('events leave the last tenth to records and messages, and what is full says so', async (t) => {
  const spool = open(t, await folder(t), { maxBytes: 10_000 });
  const messages = (count: number): JournalEntry[] =>
    Array.from({ length: count }, (_, index) => ({
      kind: 'message',
      row: messageRow({ id: `M${index}` }),
    }));
  const { taken, refused } = await spool.append(stamped(events(200)));
  assert.equal(taken, 200, 'an event without room is given up');
  assert.ok(refused > 0 && refused < 200);
  assert.ok(spool.bytes <= 9000);
  const rest = await spool.append(stamped(messages(50)));
  assert.ok(rest.taken > 0 && rest.taken < 50, 'a message without room is kept by whoever has it');
  assert.equal(rest.refused, 0);
  assert.ok(spool.bytes > 9000 && spool.bytes <= 10_000);
  assert.deepEqual(await spool.append(stamped(messages(1))), { taken: 0, refused: 0 });
  assert.equal((await drained(spool, 100)).length, 200 - refused);
});

test('an entry that could not be read back in one piece is refused', async (t) => {
  const spool = open(t, await folder(t), ROOMY);
  const long: JournalEntry = { kind: 'message', row: messageRow({ text: 'x'.repeat(800_000) }) };
  assert.deepEqual(await spool.append(stamped([long, ...events(1)])), { taken: 2, refused: 1 });
  assert.deepEqual(await drained(spool, 10), [0]);
});

test('what is spooled is for the owner only to read', {
  skip: process.platform === 'win32',
}, async (t) => {
  const directory = join(await folder(t), 'spool');
  const spool = open(t, directory, ROOMY);
  await spool.append(stamped(events(1)));
  const [name = ''] = await readdir(directory);
  const { mode } = await stat(join(directory, name));
  assert.equal(mode & 0o077, 0);
  assert.match(await readFile(join(directory, name), 'utf8'), /^\d{16}\n\{/);
});
