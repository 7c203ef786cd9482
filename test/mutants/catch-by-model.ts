/** Looks for what is wrong with the machines, as the tests of their models do. */
import fc from 'fast-check';
import type { CallInput } from '../../machines/call-protocol.ts';
import { CALL_DRIVER } from '../model/call-driver.ts';
import { assertInvariants } from '../model/call-invariants.ts';
import { callModels } from '../model/call-model.ts';
import { callWalk, walkCall } from '../model/call-walk.ts';
import { CallWatch } from '../model/call-watch.ts';
import { drive } from '../model/driver.ts';
import { engineModel } from '../model/engine-model.ts';
import { engineWalk, walkEngine } from '../model/engine-walk.ts';
import { LiveCall } from '../model/live-call.ts';
import { machineFaults } from '../model/machine-faults.ts';
import { essentialPaths, shortestPaths } from '../model/paths.ts';
import type { Caught } from './catch-mutant.ts';

/** The seed of test/model-walks.test.ts, in which nothing is found without a bug. */
const SEED = 20_251;
const CALL_WALKS = 1000;
const ENGINE_WALKS = 500;

/** Along each path with a real actor; then what the paths say of the machine as a whole. */
export async function callPaths(): Promise<Caught | undefined> {
  const all = callModels().flatMap(shortestPaths);
  let calls = 0;
  for (const path of essentialPaths(all)) {
    calls += 1;
    const call = new LiveCall(path.model.options.input as CallInput);
    const watch = new CallWatch(call);
    try {
      await drive(path, CALL_DRIVER, call, ({ event }, way) =>
        assertInvariants(watch.next(event.type), way),
      );
    } catch (error) {
      return { by: promiseIn(error), calls };
    }
  }
  const [by] = machineFaults(all, { mustEnd: true });
  return by === undefined ? undefined : { by, calls };
}

export async function enginePaths(): Promise<Caught | undefined> {
  const paths = shortestPaths(engineModel());
  const [by] = machineFaults(paths, { mayRest: ['engine.cold'] });
  return by === undefined ? undefined : { by, calls: paths.length };
}

export async function callWalks(): Promise<Caught | undefined> {
  const property = fc.property(callWalk, (walk) => walkCall(walk));
  return caughtBy(fc.check(property, { ...OPTIONS, numRuns: CALL_WALKS }));
}

export async function engineWalks(): Promise<Caught | undefined> {
  const property = fc.asyncProperty(engineWalk, (moves) => walkEngine(moves));
  return caughtBy(await fc.check(property, { ...OPTIONS, numRuns: ENGINE_WALKS }));
}

/** That there is one matters, not how small it can be. */
const OPTIONS = { seed: SEED, endOnFailure: true };

function caughtBy<Walk>({ failed, numRuns, errorInstance }: fc.RunDetails<Walk>) {
  return failed ? { by: promiseIn(errorInstance), calls: numRuns } : undefined;
}

/** Without the way on which it was broken. */
function promiseIn(error: unknown): string {
  const { message } = error as Error;
  return /^"(.*)" does not hold after /.exec(message)?.[1] ?? message;
}
