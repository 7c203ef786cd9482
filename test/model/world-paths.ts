import type { AnyStateMachine } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import { engineMachine } from '../../machines/engine.ts';
import { CALL_DRIVER } from './call-driver.ts';
import { timelyCallModels } from './call-model.ts';
import { type Driver, isNatural, type World } from './driver.ts';
import { ENGINE_DRIVER } from './engine-driver.ts';
import { engineModel } from './engine-model.ts';
import { inTime, type MachineModel, type ModelOptions } from './machine-model.ts';
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
  /** Steps that the world cannot bring about by itself (see `World.force`). */
  forced: readonly Step[];
}

/**
 * A few paths that together take every transition of a call, for a world in which a path takes
 * long. Timers fire when they are due, under the limits that each path's model has as its input;
 * everything else comes where the real organs can tell it, but for the steps that are forced.
 */
export function callPathsForWorld(): WorldPath[] {
  return pathsForWorld(callMachine, CALL_DRIVER, timelyCallModels);
}

/** The same for the engine. */
export function enginePathsForWorld(): WorldPath[] {
  return pathsForWorld(engineMachine, ENGINE_DRIVER, (allows) => [engineModel(inTime(allows))]);
}

function pathsForWorld<Place extends World>(
  machine: AnyStateMachine,
  driver: Driver<Place>,
  models: (allows: NonNullable<ModelOptions['allows']>) => MachineModel[],
): WorldPath[] {
  const declared = declaredTransitions(machine);
  const natural = models((state, event) => isNatural(driver, state, event));
  const chosen = coveringPaths(maximalPaths(natural), declared);
  const taken = new Set(chosen.flatMap(transitionsOf));
  const missing = declared.filter((transition) => !taken.has(transition));
  const types = new Set<string>(missing.map(({ eventType }) => eventType));
  const forced = models((state, event) => types.has(event.type) || isNatural(driver, state, event));
  return [...chosen, ...coveringPaths(maximalPaths(forced), missing)].map((path) => ({
    ...path,
    forced: path.steps.filter(({ from, event }) => !isNatural(driver, from, event)),
  }));
}

function maximalPaths(models: readonly MachineModel[]): Path[] {
  return withoutPrefixes(models.flatMap(shortestPaths));
}
