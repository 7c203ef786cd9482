import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import PQueue from 'p-queue';
import type { StateValue } from 'xstate';
import { callMachine } from '../machines/call.ts';
import type { CallInput } from '../machines/call-protocol.ts';
import { engineMachine } from '../machines/engine.ts';
import type { CallRecord } from '../src/call/call-record.ts';
import { Bookings } from '../src/restaurant/bookings.ts';
import type { Wish } from '../src/restaurant/reservation-book.ts';
import { WorkLine } from '../src/restaurant/work-line.ts';
import type { FeedSnapshot } from '../src/visualiser/feed-message.ts';
import { CALL_DRIVER } from './model/call-driver.ts';
import { type CallerSounds, recordSounds } from './model/caller-sounds.ts';
import { Coverage } from './model/coverage.ts';
import { drive } from './model/driver.ts';
import { ENGINE_DRIVER } from './model/engine-driver.ts';
import { limitOf, limitsAlong } from './model/path-limits.ts';
import { describePath } from './model/paths.ts';
import { CALL_PACE, ServerCall, UNHEARD_DEADLINE } from './model/server-call.ts';
import { ServerEngine } from './model/server-engine.ts';
import { ServerHouse } from './model/server-house.ts';
import { ToldSession } from './model/told-session.ts';
import { callPathsForWorld, enginePathsForWorld, type WorldPath } from './model/world-paths.ts';

/** What no caller, network, engine or book can bring about, and what is done in its place. */
const BY_HAND: Readonly<Record<string, string>> = {
  'agent.failed':
    'while a clip is said: clips are rendered when the server starts, and their sound cannot ' +
    'fail; the machine is told what the agent would tell.',
  'line.started of a call that goes on':
    'no life of the call before this one is in the records; the machine is told of one.',
  'operator.handOver': 'what a server that goes tells its calls; the machine is told directly.',
  [UNHEARD_DEADLINE]:
    'the line keeps the same deadline for the first messages and tells first, so that only a line ' +
    'that fails leaves it to the machine, which is told what its timer would tell.',
  'xstate.error.actor.line':
    'an error of our own, for which no cause is known; the line is sent what it cannot read.',
  'xstate.error.actor.ears':
    'an error of our own, for which no cause is known; the ears are sent what they cannot read.',
  'xstate.error.actor.agent':
    'an error of our own, for which no cause is known; the agent is sent what it cannot read.',
};

/** Events that the world of a server has no cause for. */
const TOLD_DIRECTLY = ['line.started of a call that goes on', 'operator.handOver'];

/** Calls at once that a machine hears without losing sound, if we get half of a core or more. */
const MOST_AT_ONCE = 10;
const LEAST_AT_ONCE = 4;

describe('the real server', () => {
  const coverage = new Coverage(callMachine);
  const { value: paths, share } = coreShareOf(callPathsForWorld);
  const calls = new Map<number, ServerCall>();
  let sounds: CallerSounds;
  let houses: { house: ServerHouse; personReachable: boolean; records: CallRecord[] }[] = [];

  before(async () => {
    const open = async (personReachable: boolean) => {
      const house = await ServerHouse.open(personReachable, coverage);
      return { house, personReachable, records: [] };
    };
    [houses, sounds] = await Promise.all([Promise.all([open(true), open(false)]), recordSounds()]);
  });

  after(() => Promise.all(houses.map(({ house }) => house.close())));

  test('goes every path of a call as the model does, and its feed tells so', {
    concurrency: true,
  }, async (t) => {
    // A book that answers when the path says so; the size of the party tells whose wish it is.
    t.mock.method(Bookings.prototype, 'availability', async ({ partySize }: Wish) => {
      await calls.get(partySize)?.bookOpens;
      return { done: true, alternatives: [] };
    });
    // However long that takes: the desk's bound of five seconds is in no path, and sound that lasts
    // is most of it.
    t.mock.method(
      WorkLine.prototype,
      'do',
      async <T>(work: (isLate: () => boolean) => Promise<T>) => ({
        how: 'ended',
        value: await work(() => false),
      }),
    );
    const atOnce = Math.round(MOST_AT_ONCE * Math.min(1, share * 2));
    const queue = new PQueue({ concurrency: Math.max(LEAST_AT_ONCE, atOnce) });
    t.diagnostic(`${queue.concurrency} calls at once`);
    for (const path of paths.toSorted((a, b) => b.steps.length - a.steps.length)) {
      void queue.add(() => t.test(describePath(path), () => follow(path)));
    }
    await queue.onIdle();
  });

  test('has taken every transition that a call declares', (t) => {
    const forced = paths.flatMap((path) => path.forced.map(({ event }) => event.type));
    const byHand = new Set([...forced, ...TOLD_DIRECTLY, UNHEARD_DEADLINE]);
    assert.deepEqual([...byHand].sort(), Object.keys(BY_HAND).sort());
    for (const [event, why] of Object.entries(BY_HAND)) t.diagnostic(`by hand: ${event}, ${why}`);
    tellCoverage(t, coverage);
    coverage.assertWhole();
  });

  test('has one record of each call, and nothing else left of it', async () => {
    for (const { house, records } of houses) await house.assertAtRest(records);
  });

  async function follow(path: WorldPath): Promise<void> {
    const { personReachable } = path.model.options.input as CallInput;
    const { house, records } = houses.find((each) => each.personReachable === personReachable)!;
    const number = calls.size + 1;
    const call = new ServerCall({ house, path, sounds, number });
    calls.set(number, call);
    const leave = async () => {
      const record = await call.leave();
      if (record) records.push(record);
    };
    try {
      await drive(path, CALL_DRIVER, call);
    } catch (error) {
      // What went wrong first is what is told.
      await leave().catch(() => undefined);
      throw error;
    }
    await leave();
  }
});

test('the real engine goes every path as the model does, and the feed tells so', {
  concurrency: true,
}, async (t) => {
  const coverage = new Coverage(engineMachine);
  const followed = enginePathsForWorld().map((path) =>
    t.test(describePath(path), async () => {
      const engine = await ServerEngine.open(path, coverage.inspect);
      try {
        await drive(path, ENGINE_DRIVER, engine);
      } finally {
        await engine.close();
      }
    }),
  );
  await Promise.all(followed);
  tellCoverage(t, coverage);
  coverage.assertWhole();
});

for (const [name, share] of [
  ['takes no time', 0],
  ['takes some time', 0.5],
  ['takes as long as it may', 1],
] as const) {
  test(`the timers of a path fire in its order when the world ${name}`, () => {
    for (const path of callPathsForWorld()) assert.equal(misfired(path, share), undefined);
  });
}

test('a feed that tells of another way than the path is caught at once', async () => {
  const told = toldSession();
  tell(told, 'line.started', { conversation: 'greeting' });
  await told.until('line.started');
  assert.equal(told.state, 'conversation.greeting');
  tell(told, 'agent.finished', { conversation: { listening: 'waiting' } });
  tell(told, 'caller.spoke', { conversation: { listening: { hearing: 'talking' } } });
  await assert.rejects(told.until('caller.spoke'), {
    message:
      /expected caller\.spoke, but agent\.finished led from conversation\.greeting to conversation\.listening\.waiting/,
  });
});

test('of a feed that tells more than one event the states are read one by one', async () => {
  const told = toldSession();
  tell(told, 'line.started', { conversation: 'greeting' });
  tell(told, 'caller.hungUp', 'ended');
  await told.until('line.started');
  assert.equal(told.state, 'conversation.greeting');
  await told.until('caller.hungUp');
  assert.equal(told.state, 'ended');
});

function tellCoverage(t: TestContext, { declared, missed }: Coverage): void {
  t.diagnostic(`${declared - missed.length} of ${declared} transitions were taken`);
}

/** Where another timer fires before a step does, when steps take this share of what they may. */
function misfired(path: WorldPath, share: number): string | undefined {
  const { limits } = path.model.options.input as CallInput;
  const names = Object.keys(limits).filter((name) => name.endsWith('Ms'));
  const along = limitsAlong(path, names, CALL_PACE);
  const dueMs = new Map<object, number>();
  let nowMs = 0;
  for (const [at, step] of path.steps.entries()) {
    const { event, from, to } = step;
    const timer = from.pending.find(({ type }) => type === event.type);
    // The one timer that is pending from the start on is told by hand.
    if (timer) nowMs = dueMs.get(timer) ?? nowMs;
    else nowMs += CALL_PACE.mostMs(step) * share;
    const early = from.pending.find((other) => (dueMs.get(other) ?? Infinity) < nowMs);
    if (early) return `${early.type} before step ${at + 1} of ${describePath(path)}`;
    for (const set of to.pending) {
      if (!dueMs.has(set)) dueMs.set(set, nowMs + (along[at]![limitOf(set.type)] ?? Infinity));
    }
  }
  return undefined;
}

/** How much of a core we got for work that could take all of it. */
function coreShareOf<T>(work: () => T): { value: T; share: number } {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, share: (user + system) / 1000 / (performance.now() - startedMs) };
}

function toldSession(): ToldSession {
  return new ToldSession('call-1', async () => {});
}

/** As the feed does: an event, and the state that it led to. */
function tell(session: ToldSession, type: string, value: StateValue): void {
  const frame = {
    ...{ event: { type }, sessionId: 'call-1', rootId: 'call-1' },
    ...{ createdAt: '0', id: null, _version: '' },
  };
  const snapshot: FeedSnapshot = {
    ...{ status: 'active', value, context: {}, tags: [], children: {}, historyValue: {} },
  };
  session.take({ type: '@xstate.event', ...frame });
  session.take({ type: '@xstate.snapshot', snapshot, ...frame });
}
