import { type Actor, createActor, fromPromise, type InspectionEvent } from 'xstate';
import { type EngineLimits, engineMachine } from '../../machines/engine.ts';
import { statePath } from '../../machines/state-path.ts';
import { type Look, withoutLimits } from './driver.ts';
import type { EngineWork, EngineWorld } from './engine-driver.ts';
import { SteppingClock } from './stepping-clock.ts';

/** The engine's real actor in a world of events: its work ends when the test says so. */
export class LiveEngine implements EngineWorld {
  readonly actor: Actor<typeof engineMachine>;
  readonly clock = new SteppingClock();
  /** What was begun and has neither ended nor been given up. */
  readonly working = new Set<EngineWork>();
  readonly #work = new Map<EngineWork, PromiseWithResolvers<void>>();

  constructor(input: { limits: EngineLimits }, inspect?: (event: InspectionEvent) => void) {
    const work = (name: EngineWork) => fromPromise<void>(({ signal }) => this.#begin(name, signal));
    const machine = engineMachine.provide({
      actors: { warmUp: work('warmUp'), probe: work('probe') },
    });
    this.actor = createActor(machine, { input, clock: this.clock, ...(inspect && { inspect }) });
    this.clock.of(this.actor);
    this.actor.start();
  }

  async look(): Promise<Look> {
    // What a promise brings takes some turns to arrive.
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
    const { value, context } = this.actor.getSnapshot();
    const pending = this.clock.pending.map(({ type }) => type);
    return { state: statePath(value), context: withoutLimits(context), pending };
  }

  passTime({ type }: { type: string }): void {
    this.clock.fire(type);
  }

  start = () => this.actor.send({ type: 'engine.start' });
  drain = () => this.actor.send({ type: 'engine.drain' });
  lose = () => this.actor.send({ type: 'engine.lost' });
  succeed = () => this.actor.send({ type: 'request.succeeded' });
  fail = () => this.actor.send({ type: 'request.failed' });
  endWork = (work: EngineWork) => this.#begun(work).resolve();
  failWork = (work: EngineWork) => this.#begun(work).reject(new Error('the engine failed'));

  #begin(work: EngineWork, signal: AbortSignal): Promise<void> {
    const begun = Promise.withResolvers<void>();
    this.#work.set(work, begun);
    this.working.add(work);
    const over = () => void this.working.delete(work);
    signal.addEventListener('abort', over, { once: true });
    begun.promise.then(over, over);
    return begun.promise;
  }

  #begun(work: EngineWork): PromiseWithResolvers<void> {
    const begun = this.#work.get(work);
    if (!begun) throw new Error(`expected ${work} to have begun, it has not`);
    return begun;
  }
}
