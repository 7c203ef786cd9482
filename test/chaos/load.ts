/** Calls that go through the dialogue without being broken on purpose, while servers come and go. */
import { SeededRandom } from '../../src/simulators/twilio/seeded-random.ts';
import type { SimulatedCall } from '../../src/simulators/twilio/simulated-twilio.ts';
import type { BrokenCall } from './broken-call.ts';
import type { Cell } from './cell.ts';
import { ChaosCaller } from './chaos-caller.ts';
import { handoversOf } from './silence.ts';
import type { World } from './world.ts';

export interface LoadCall {
  call: SimulatedCall;
  /** Never rejects. */
  ended: Promise<BrokenCall>;
}

export function placeLoadCall(cell: Cell, world: World, index: number): LoadCall {
  const random = new SeededRandom(world.seed * 1000 + index);
  const { recordings } = world;
  const caller = new ChaosCaller({ recordings, random, onMoment: () => undefined });
  const call = cell.placeCall({
    caller: (each) => caller.talk(each),
    onHeard: (mulaw) => caller.hear(mulaw),
  });
  const ended = call.ended.then((report): BrokenCall => {
    return { report, caller, plan: undefined, breaks: handoversOf(report) };
  });
  return { call, ended };
}
