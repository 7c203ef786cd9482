import fc from 'fast-check';
import { AttackedCall, type CallScript } from './attacked-call.ts';
import { modelAttacks } from './model-attack.ts';
import { VirtualClock } from './virtual-clock.ts';

/** How often each came: `outputs` of the model, `pieces` given to the voice, operations, events. */
export type AttackTally = Record<string, number>;

/**
 * Calls of all kinds, one after the other, until the model has put out as much as is wanted.
 *
 * @throws fast-check's report of the smallest call in which something went wrong
 */
export async function attackCalls(options: {
  outputs: number;
  seed: number;
}): Promise<AttackTally> {
  const tally: AttackTally = { calls: 0, outputs: 0 };
  const property = fc.asyncProperty(callScript, async (script) => {
    const clock = new VirtualClock().install();
    try {
      const call = new AttackedCall(script, clock);
      await call.run();
      addTo(tally, call);
    } finally {
      clock.uninstall();
    }
  });
  for (let seed = options.seed; (tally.outputs ?? 0) < options.outputs; seed++) {
    await fc.assert(property, { seed, numRuns: CALLS_AT_ONCE });
  }
  return tally;
}

const CALLS_AT_ONCE = 20;

const callScript: fc.Arbitrary<CallScript> = fc.record({
  attacks: modelAttacks,
  moves: fc.array(
    fc.record({ die: fc.nat({ max: 999 }), waitMs: fc.constantFrom(20, 300, 700, 1_500, 4_000) }),
    { minLength: 1, maxLength: 300, size: 'max' },
  ),
  moods: fc.array(
    fc.record({
      delayMs: fc.constantFrom(0, 0, 0, 0, 50, 50, 900, 3_000, 6_500),
      outcome: fc.oneof(
        { weight: 6, arbitrary: fc.constant('answers' as const) },
        { weight: 1, arbitrary: fc.constantFrom('unreachable' as const, 'uncertain' as const) },
      ),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  toolMs: fc.array(fc.constantFrom(0, 0, 0, 300, 1_500, 4_000), { minLength: 1, maxLength: 10 }),
});

function addTo(
  tally: AttackTally,
  { outputs, voice, tools, turn, book, told }: AttackedCall,
): void {
  const add = (what: string, times = 1) => {
    tally[what] = (tally[what] ?? 0) + times;
  };
  add('calls');
  add('outputs', outputs);
  add('turns', turn);
  add('pieces', voice.replies.flat().length);
  add('tools', tools.runs);
  add('accepted', tools.accepted);
  for (const { operation } of book.asked) add(operation);
  for (const event of told) add(event);
}
