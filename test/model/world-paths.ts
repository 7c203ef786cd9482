import { callMachine } from '../../machines/call.ts';
import { CALL_DRIVER } from './call-driver.ts';
import { timelyCallModels } from './call-model.ts';
import { isNatural } from './driver.ts';
import { isInTime } from './machine-model.ts';
import {
  coveringPaths,
  type Path,
  type Step,
  shortestPaths,
  transitionsOf,
  withoutPrefixes,
} from './paths.ts';
import { declaredTransitions } from './transitions.ts';

export interface WorldPath extends Path {
  /**
   * Steps that the world cannot bring about by itself (see `Cause.in`): the event has to be told by
   * hand, in place of the actor that would tell it.
   */
  forced: readonly Step[];
}

/**
 * A few paths that together take every transition of a call, for a world in which a path takes
 * long. Timers fire when they are due, under the limits that each path's model has as its input;
 * everything is as the real organs would have it, but for the steps that are told to be forced.
 */
export function callPathsForWorld(): WorldPath[] {
  const declared = declaredTransitions(callMachine);
  const natural = timelyCallModels({
    allows: (state, event) => isNatural(CALL_DRIVER, state, event),
  });
  const chosen = coveringPaths(maximalPaths(natural), declared);
  const taken = new Set(chosen.flatMap(transitionsOf));
  const missing = declared.filter((transition) => !taken.has(transition));
  const missingTypes = new Set<string>(missing.map(({ eventType }) => eventType));
  const forced = timelyCallModels({
    allows: (state, event) => missingTypes.has(event.type) || isNatural(CALL_DRIVER, state, event),
  });
  return [...chosen, ...coveringPaths(maximalPaths(forced), missing)].map(toWorldPath);
}

function maximalPaths(models: ReturnType<typeof timelyCallModels>): Path[] {
  return withoutPrefixes(models.flatMap(shortestPaths));
}

function toWorldPath(path: Path): WorldPath {
  const forced = path.steps.filter(
    ({ from, event }) => !isNatural(CALL_DRIVER, from, event) || !isInTime(from, event),
  );
  return { ...path, forced };
}
