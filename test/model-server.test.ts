import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { callMachine } from '../machines/call.ts';
import type { CallInput } from '../machines/call-protocol.ts';
import type { CallRecord } from '../src/call/call-record.ts';
import { Bookings } from '../src/restaurant/bookings.ts';
import type { Wish } from '../src/restaurant/reservation-book.ts';
import { CALL_DRIVER } from './model/call-driver.ts';
import { type CallerSounds, recordSounds } from './model/caller-sounds.ts';
import { Coverage } from './model/coverage.ts';
import { drive } from './model/driver.ts';
import { describePath } from './model/paths.ts';
import { ServerCall } from './model/server-call.ts';
import { ServerHouse } from './model/server-house.ts';
import { callPathsForWorld, type WorldPath } from './model/world-paths.ts';

/** What no caller, network, engine or book can bring about, and what is done in its place. */
const BY_HAND: Readonly<Record<string, string>> = {
  'agent.failed':
    'while a clip is said: clips were rendered when the server started, and their sound cannot ' +
    'fail. The actor of the call is told what its agent would tell.',
  'xstate.error.actor.line':
    'an error of our own that nothing is known to cause. The line is sent what it cannot read.',
  'xstate.error.actor.ears':
    'an error of our own that nothing is known to cause. The ears are sent what they cannot read.',
  'xstate.error.actor.agent':
    'an error of our own that nothing is known to cause. The agent is sent what it cannot read.',
};

describe('the real server', () => {
  const coverage = new Coverage(callMachine);
  const calls = new Map<number, ServerCall>();
  const records = new Map<ServerHouse, CallRecord[]>();
  let houses: { somebody: ServerHouse; nobody: ServerHouse };
  let sounds: CallerSounds;

  before(async () => {
    const [somebody, nobody, recorded] = await Promise.all([
      ServerHouse.open(true, coverage),
      ServerHouse.open(false, coverage),
      recordSounds(),
    ]);
    houses = { somebody, nobody };
    for (const house of [somebody, nobody]) records.set(house, []);
    sounds = recorded;
  });

  after(async () => {
    for (const house of Object.values(houses)) await house.close();
  });

  test('goes every path of a call as the model does, and its feed tells so', { concurrency: true }, async (t) => {
    // A book that is slow, as the path wants it: the party's size tells whose it is.
    t.mock.method(Bookings.prototype, 'availability', async ({ partySize }: Wish) => {
      await calls.get(partySize)?.bookOpens();
      return { done: true, alternatives: [] };
    });
    const only = process.env.ONLY?.split(',').map(Number);
    const paths = callPathsForWorld();
    await Promise.all(
      paths.map((path, at) => {
        if (only && !only.includes(at)) return;
        return t.test(`${at} ${describePath(path)}`, () => follow(path, at + 1));
      }),
    );
    for (const [house, kept] of records) await house.assertAtRest(kept);
    const forced = new Set(paths.flatMap((path) => path.forced.map(({ event }) => event.type)));
    assert.deepEqual([...forced].sort(), Object.keys(BY_HAND).sort());
    for (const [event, reason] of Object.entries(BY_HAND)) t.diagnostic(`${event} ${reason}`);
    t.diagnostic(`${coverage.declared - coverage.missed.length} of ${coverage.declared} transitions`);
    coverage.assertWhole();
  });

  async function follow(path: WorldPath, number: number): Promise<void> {
    const { personReachable } = path.model.options.input as CallInput;
    const house = personReachable ? houses.somebody : houses.nobody;
    const call = new ServerCall({ house, path, sounds, number });
    calls.set(number, call);
    try { await drive(path, CALL_DRIVER, call); }
    finally { records.get(house)!.push(await call.leave()); }
  }
});
