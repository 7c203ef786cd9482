/**
 * The life of the GPU engine as its callers see it.
 *
 * Its health endpoint can lie, so nothing here believes it: the state follows real generations
 * (told by request.succeeded and request.failed) and, when there are none, a probe that generates.
 */
import { assign, fromPromise, setup } from 'xstate';

export const engineMachine = setup({
  types: {
    context: {} as EngineContext,
    events: {} as EngineMachineEvent,
    input: {} as { limits: EngineLimits },
    tags: {} as 'takesCalls',
    meta: {} as { main?: boolean },
  },
  actors: {
    warmUp: fromPromise<void>(notProvided('warmUp')),
    probe: fromPromise<void>(notProvided('probe')),
  },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    forgetFailures: assign({ failures: 0, attempts: 0 }),
    countAttempt: assign({ attempts: ({ context }) => context.attempts + 1 }),
  },
  guards: {
    tooManyFailures: ({ context }) => context.failures + 1 >= context.limits.failures,
  },
  delays: {
    warmUp: ({ context }) => context.limits.warmUpMs,
    probe: ({ context }) => context.limits.probeMs,
    probeInterval: ({ context }) => context.limits.probeIntervalMs,
    forgive: ({ context }) => context.limits.forgiveMs,
    backOff: ({ context }) =>
      Math.min(
        context.limits.backOffMs * 2 ** Math.max(0, context.attempts - 1),
        context.limits.backOffMaxMs,
      ),
  },
}).createMachine({
  id: 'engine',
  description: 'One GPU engine, from cold to drained.',
  options: { maxIterations: 100 },
  context: ({ input }) => ({ limits: input.limits, failures: 0, attempts: 0 }),
  on: { 'engine.drain': '.draining' },
  initial: 'cold',
  states: {
    cold: {
      description: 'Nothing was asked of it yet.',
      on: { 'engine.start': { target: 'warming', meta: { main: true } } },
    },
    warming: {
      description: 'It is started, answers to silence, and shows that audio reaches the model.',
      entry: 'countAttempt',
      invoke: {
        id: 'warmUp',
        src: 'warmUp',
        onDone: { target: 'ready', actions: 'forgetFailures', meta: { main: true } },
        onError: 'down',
      },
      after: { warmUp: 'down' },
    },
    ready: {
      description: 'Real generations succeed.',
      tags: 'takesCalls',
      on: {
        'engine.lost': 'down',
        'request.failed': [
          { guard: 'tooManyFailures', target: 'down', actions: 'countFailure' },
          { target: 'failing', actions: 'countFailure' },
        ],
      },
      initial: 'trusted',
      states: {
        trusted: {
          description: 'A generation succeeded not long ago.',
          after: { probeInterval: 'probing' },
          on: { 'request.succeeded': { target: 'trusted', reenter: true } },
        },
        probing: {
          description: 'Nobody asked for a while: a short generation shows whether it still lives.',
          invoke: {
            id: 'probe',
            src: 'probe',
            onDone: { target: 'trusted', actions: 'forgetFailures' },
            onError: [
              { guard: 'tooManyFailures', target: '#engine.down', actions: 'countFailure' },
              { target: '#engine.failing', actions: 'countFailure' },
            ],
          },
          after: {
            probe: [
              { guard: 'tooManyFailures', target: '#engine.down', actions: 'countFailure' },
              { target: '#engine.failing', actions: 'countFailure' },
            ],
          },
          on: { 'request.succeeded': { target: 'trusted', actions: 'forgetFailures' } },
        },
      },
    },
    failing: {
      description: 'Generations failed lately; a few more and it counts as down.',
      tags: 'takesCalls',
      on: {
        'engine.lost': 'down',
        'request.succeeded': { target: 'ready', actions: 'forgetFailures' },
        'request.failed': [
          { guard: 'tooManyFailures', target: 'down', actions: 'countFailure' },
          { target: 'failing', actions: 'countFailure', reenter: true },
        ],
      },
      after: { forgive: '#engine.ready.probing' },
    },
    down: {
      description: 'It takes no new calls. It is tried again after a growing pause.',
      after: { backOff: 'warming' },
      on: { 'request.succeeded': { target: 'ready', actions: 'forgetFailures' } },
    },
    draining: {
      description: 'The server goes; nothing is started any more.',
      type: 'final',
    },
  },
});

export interface EngineLimits {
  /** The longest start, weights loaded from disk included. */
  warmUpMs: number;
  probeMs: number;
  probeIntervalMs: number;
  /** Without a further failure for this long, a failing engine is probed. */
  forgiveMs: number;
  /** Failed generations in a row until it counts as down. */
  failures: number;
  backOffMs: number;
  backOffMaxMs: number;
}

export interface EngineContext {
  limits: EngineLimits;
  failures: number;
  attempts: number;
}

export type EngineMachineEvent =
  | { type: 'engine.start' }
  | { type: 'engine.drain' }
  /** Its process has ended; told only where it is ours. */
  | { type: 'engine.lost' }
  | { type: 'request.succeeded' }
  | { type: 'request.failed' };

/** Running the machine without giving it this actor is a mistake of the programmer: say so. */
function notProvided(actor: string): () => Promise<never> {
  return async () => {
    throw new Error(`expected the actor "${actor}" from engineMachine.provide(), got none`);
  };
}
