import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Race, raceAgent } from './support/agent-race.ts';

/** fast-check prints it, with the order of the smallest race that fails. */
const SEED = Number(process.env.WALK_SEED ?? 20_251);
const NUM_RUNS = 400;

/** What the engine does with the requests that it is sent, one after another. */
const scripts: fc.Arbitrary<Race['replies']> = fc.array(
  fc.array(fc.constantFrom('says', 'callsTool', 'fails', 'ends'), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 5 },
);
const effects: fc.Arbitrary<Race['effects']> = fc.array(
  fc.constantFrom(undefined, 'transfer', 'endCall', 'speakLanguage'),
  { minLength: 1, maxLength: 3 },
);
/** What the machine may tell an agent: a turn is over only after it began, sound goes on only where it stopped. */
const commands: fc.Arbitrary<Race['commands']> = fc
  .array(
    fc.constantFrom(
      ['prepare', 'reply'],
      ['reply'],
      ['prepare', 'yield', 'prepare', 'reply'],
      ['hush', 'resume'],
      ['hush', 'yield'],
      ['yield'],
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.flat() as Race['commands']);

test('in whatever order engine, voice, tool, listener and caller come, a call keeps its promises', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.record({ replies: scripts, effects, commands }),
      async (scheduler, race) => {
        assert.deepEqual(await raceAgent(scheduler, race), []);
      },
    ),
    { seed: SEED, numRuns: NUM_RUNS },
  );
});
