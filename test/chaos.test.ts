import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Recording } from '../src/simulators/ultravox/simulated-ultravox.ts';
import { postgresBinaries } from '../src/stress-bookings/embedded-postgres.ts';
import { runScenario } from './chaos/scenarios.ts';
import { recordDialogue } from './chaos/world.ts';

/** The short version of `npm run chaos`: what a machine without anything else to do has time for. */
const SHORT = [
  { name: 'kill', runs: 2, seed: 3, at: 'the agent speaks, or confirms a booking' },
  { name: 'single', runs: 1, seed: 13, at: 'the caller speaks' },
  { name: 'cut', runs: 1, seed: 10, at: 'an answer is awaited' },
];
const binaries = postgresBinaries();
const skip = binaries ? false : 'there are no binaries of PostgreSQL for this platform';
let recordings: ReadonlyMap<string, Recording>;
before(async () => {
  recordings = await recordDialogue();
});

describe('a call outlives what carries it', { concurrency: true }, () => {
  for (const { name, runs, seed, at } of SHORT) {
    test(`a call keeps all that was said and booked through ${name} while ${at}`, {
      skip,
    }, async (t) => {
      const socketLoss = { leadsTo: 'redirect', afterMs: 0 } as const;
      const world = { recordings, binaries: binaries!, seed, socketLoss };
      const { broken, failures, silence } = await runScenario(name, world, { runs, atOnce: runs });
      t.diagnostic(`silence: ${silence.max} ms at most`);
      // How long it takes is what `npm run chaos` is for: here other tests run beside it.
      const kept = broken.filter((promise) => !promise.startsWith('silence of'));
      assert.deepEqual({ kept, failures }, { kept: [], failures: [] });
    });
  }
});
