/**
 * How the world brings a machine along a path: one table for each machine says for each edge what
 * has to happen, in words of the world (`CALL_DRIVER`, `ENGINE_DRIVER`); a `World` makes it happen.
 *
 * There is one table, and one world for each layer that the same paths are driven through: in one
 * world "the caller speaks" is an event sent to an actor, in another it is sound sent to a server.
 * What has to be true afterwards is the same in all of them, and comes from the path.
 */
import assert from 'node:assert/strict';
import type { EventObject } from 'xstate';
import { type ModelState, pathOf } from './machine-model.ts';
import { describePath, type Path, type Step } from './paths.ts';

/** Done when the world has done it; what follows from it may take no time, but turns. */
export type Effect = void | Promise<void>;

export interface World {
  /**
   * Before the first step: all events of the path. Some of it has to be arranged before its time,
   * as what an engine will answer.
   */
  foretell?(events: readonly EventObject[]): Effect;
  /**
   * Time passes until this timer fires.
   *
   * @param timer `type` is the event that it brings; `delayMs`, how long from now
   */
  passTime(timer: { type: string; delayMs: number }): Effect;
  /**
   * Has the machine told what nobody would tell it here (see `Cause.in`). A world of events needs
   * nothing of the kind.
   */
  force?(event: EventObject): Effect;
  /** What can be seen from outside, when nothing more happens without time. */
  look(): Look | Promise<Look>;
}

/** A world shows the state; what else it can show is held against the model too. */
export interface Look {
  /** As `statePath` gives it. */
  state: string;
  /** Without the limits, which are the input's. */
  context?: object;
  /** The events that pending timers will bring, soonest first. */
  pending?: readonly string[];
}

export interface Cause<Place extends World> {
  // biome-ignore lint/suspicious/noExplicitAny: the event is the one under whose type it stands
  act(world: Place, event: any): Effect;
  /**
   * Beginnings of the states in which the world can bring it about. Elsewhere a machine must survive
   * it, but it takes a hand inside: an actor that says what the real one does not say there.
   */
  in: readonly string[];
  /** And what has to be so in them beside. */
  // biome-ignore lint/suspicious/noExplicitAny: each machine has its own context
  when?(context: any, state: string): boolean;
}

/** By the type of event. Timers are not in it: they are the same in every machine. */
export type Driver<Place extends World> = Readonly<Record<string, Cause<Place>>>;

/**
 * Along the path; after every step the world has to show what the model says.
 *
 * @param afterStep may look for more; `way` tells how the machine got there
 * @throws an AssertionError with the path up to where they differ
 */
export async function drive<Place extends World>(
  path: Path,
  driver: Driver<Place>,
  world: Place,
  afterStep: (step: Step, way: () => string) => void = () => {},
): Promise<void> {
  await world.foretell?.(path.steps.map(({ event }) => event));
  for (const [at, step] of path.steps.entries()) {
    const way = () => describePath({ ...path, steps: path.steps.slice(0, at + 1) });
    await cause(step, driver, world);
    assertLook(await world.look(), expected(step.to), way);
    afterStep(step, way);
  }
}

function assertLook(seen: Look, { state, ...rest }: Required<Look>, way: () => string): void {
  assert.equal(seen.state, state, `after ${way()}`);
  for (const [name, value] of Object.entries(rest)) {
    const shown = seen[name as keyof Look];
    if (shown === undefined || JSON.stringify(shown) === JSON.stringify(value)) continue;
    assert.deepEqual(shown, value, `${name} after ${way()}`);
  }
}

function cause<Place extends World>(
  { event, from }: Step,
  driver: Driver<Place>,
  world: Place,
): Effect {
  const timer = from.pending.find(({ type }) => type === event.type);
  if (timer) return world.passTime({ type: event.type, delayMs: timer.dueMs - from.nowMs });
  if (world.force && !isNatural(driver, from, event)) return world.force(event);
  const known = driver[event.type];
  if (!known) throw new Error(`expected the driver to know what causes ${event.type}`);
  return known.act(world, event);
}

function expected({ snapshot, pending }: ModelState): Required<Look> {
  return {
    state: pathOf(snapshot),
    context: withoutLimits(snapshot.context),
    pending: pending.map(({ type }) => type),
  };
}

export function withoutLimits({ limits: _, ...rest }: { limits?: unknown }): object {
  return rest;
}

/** Can the world bring this about by itself, when the time for it has come? */
export function isNatural<Place extends World>(
  driver: Driver<Place>,
  { snapshot, pending }: ModelState,
  { type }: EventObject,
): boolean {
  if (pending.some((timer) => timer.type === type)) return true;
  const cause = driver[type];
  const state = pathOf(snapshot);
  if (!cause?.in.some((beginning) => state.startsWith(beginning))) return false;
  return cause.when?.(snapshot.context, state) ?? true;
}
