import type { EngineMachineEvent } from '../../machines/engine.ts';
import type { Driver, Effect, World } from './driver.ts';

/** All that can happen to the engine from outside of its machine. */
export interface EngineWorld extends World {
  start(): Effect;
  drain(): Effect;
  /** The engine's process ends. */
  lose(): Effect;
  /** A generation for a call brings its first token; or fails, by the engine's own fault. */
  succeed(): Effect;
  fail(): Effect;
  /** The engine's start, or the generation that shows whether it lives, ends well; or fails. */
  endWork(work: EngineWork): Effect;
  failWork(work: EngineWork): Effect;
}

export type EngineWork = 'warmUp' | 'probe';

const RUNNING = ['warming', 'ready', 'failing', 'down'];

type Edge = EngineMachineEvent['type'] | `xstate.${'done' | 'error'}.actor.${EngineWork}`;

/** What causes each edge of the engine's life, and where it can. */
export const ENGINE_DRIVER = {
  'engine.start': { act: (world) => world.start(), in: ['cold'] },
  'engine.drain': { act: (world) => world.drain(), in: ['cold', ...RUNNING] },
  // One that ends earlier fails the start.
  'engine.lost': { act: (world) => world.lose(), in: ['ready', 'failing'] },
  // Generations that began before go on while the engine is down or warms up again.
  'request.succeeded': { act: (world) => world.succeed(), in: RUNNING },
  'request.failed': { act: (world) => world.fail(), in: RUNNING },
  'xstate.done.actor.warmUp': { act: (world) => world.endWork('warmUp'), in: ['warming'] },
  'xstate.error.actor.warmUp': { act: (world) => world.failWork('warmUp'), in: ['warming'] },
  'xstate.done.actor.probe': { act: (world) => world.endWork('probe'), in: ['ready.probing'] },
  'xstate.error.actor.probe': { act: (world) => world.failWork('probe'), in: ['ready.probing'] },
} satisfies Record<Edge, Driver<EngineWorld>[string]>;
