/**
 * A machine as a graph to be explored: pure, with its timers as edges like any other.
 *
 * XState's own pure transitions forget timers. Here a state holds what is pending as well, so that
 * a timer is an edge exactly where it can fire, and it is known which of them is due first.
 */
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  createActor,
  type EventObject,
  type StateValue,
} from 'xstate';
import { statePath } from '../../machines/state-path.ts';
import { endingEventTypes, timedEventTypes } from './event-kinds.ts';
import { type Foresight, foresee } from './foresight.ts';
import { guardName } from './transitions.ts';

export interface PendingTimer {
  id: string;
  /** Of the event that it brings. */
  type: string;
  dueMs: number;
}

export interface ModelState {
  /** States with the same key go on in the same way. */
  key: string;
  snapshot: AnyMachineSnapshot;
  /** Due soonest first; of those due at once, the one that was set first. */
  pending: readonly PendingTimer[];
  /** What is told by the world takes no time. */
  nowMs: number;
  /** The transitions that led here from the state before, `always` included. */
  taken: readonly AnyTransitionDefinition[];
}

export interface ModelOptions {
  input?: unknown;
  /** Forms of an event that differ in more than their type. */
  variants?: Readonly<Record<string, readonly AnyEventObject[]>>;
  /** The context as far as guards read it. Default: the whole context matters everywhere. */
  reads?: readonly ContextRead[];
  /** May this event come in this state? Default: it may. */
  allows?: (state: ModelState, event: EventObject) => boolean;
}

export interface ContextRead {
  /** Whose answer depends on it. */
  guards: readonly string[];
  /** Only values between which these guards tell a difference, sooner or later. */
  // biome-ignore lint/suspicious/noExplicitAny: each machine has its own context
  value(context: any): string | number | boolean | null;
}

export class MachineModel {
  readonly machine: AnyStateMachine;
  readonly options: ModelOptions;
  readonly initial: ModelState;
  readonly #timed: ReadonlySet<string>;
  /** Types of events that can do nothing but end the machine. */
  readonly #endings: ReadonlySet<string>;
  readonly #foreseen: ReadonlyMap<string, Foresight>;
  readonly #scope: Parameters<AnyStateMachine['transition']>[2];
  #pending: PendingTimer[] = [];
  #nowMs = 0;
  #taken: AnyTransitionDefinition[] = [];

  constructor(machine: AnyStateMachine, options: ModelOptions = {}) {
    this.machine = machine;
    this.options = options;
    this.#timed = timedEventTypes(machine);
    this.#endings = endingEventTypes(machine);
    this.#foreseen = foresee(machine);
    this.#scope = this.#newScope();
    this.initial = this.#stateOf(machine.getInitialSnapshot(this.#scope, options.input));
  }

  /** Pure: the state after this event, which may be one of a timer that is pending. */
  readonly next = (state: ModelState, event: EventObject): ModelState => {
    const timer = state.pending.find(({ type }) => type === event.type);
    this.#pending = state.pending.filter((pending) => pending !== timer);
    this.#nowMs = Math.max(state.nowMs, timer?.dueMs ?? 0);
    this.#taken = [];
    return this.#stateOf(this.machine.transition(state.snapshot, event, this.#scope));
  };

  /** All that the active states react to; of timers, those that are pending. */
  readonly events = (state: ModelState): EventObject[] => {
    if (state.snapshot.status !== 'active') return [];
    const heard = state.snapshot._nodes.flatMap((node) => [...node.transitions.keys()]);
    // Time last, so that of equally short paths one is taken on which the world does something.
    const types = new Set(heard.filter((type) => !this.#timed.has(type)));
    for (const { type } of state.pending) types.add(type);
    const { variants = {}, allows = () => true } = this.options;
    const events = [...types].flatMap((type) => variants[type] ?? [{ type }]);
    return events.filter((event) => allows(state, event));
  };

  /**
   * Of an event that only the machine as a whole hears, and that ends it: all by which one such end
   * can differ from another. It need not be explored from every context.
   */
  endOf({ snapshot }: ModelState, { type }: EventObject): string | undefined {
    if (!this.#endings.has(type)) return undefined;
    const ways = this.machine.root.transitions.get(type) ?? [];
    const guards = new Set(ways.flatMap(({ guard }) => (guard ? [guardName(guard)] : [])));
    return `${type} ${pathOf(snapshot)} ${this.#valuesFor(guards, snapshot)}`;
  }

  isTimed({ type }: EventObject): boolean {
    return this.#timed.has(type);
  }

  /**
   * Where it is, what of the context can still be asked for, and which of the pending timers can
   * still be heard.
   */
  #keyOf(snapshot: AnyMachineSnapshot, pending: readonly PendingTimer[]): string {
    const leaf = snapshot._nodes.findLast((node: AnyStateNode) => node.type !== 'compound');
    const { guards, events } = this.#foreseen.get(leaf?.id ?? '') ?? NOTHING_AHEAD;
    const heard = pending.flatMap(({ id, type }) => (events.has(type) ? [id] : []));
    return `${pathOf(snapshot)} ${this.#valuesFor(guards, snapshot)} ${heard.sort()}`;
  }

  #valuesFor(guards: ReadonlySet<string>, { context }: AnyMachineSnapshot): unknown {
    const { reads } = this.options;
    if (!reads) return JSON.stringify(context);
    const read = reads.filter((one) => one.guards.some((name) => guards.has(name)));
    return read.map(({ value }) => value(context));
  }

  #stateOf(snapshot: AnyMachineSnapshot): ModelState {
    const pending = snapshot.status === 'active' ? this.#pending : [];
    const key = this.#keyOf(snapshot, pending);
    return { key, snapshot, pending, nowMs: this.#nowMs, taken: this.#taken };
  }

  /** What XState would run is written down instead: timers set and cleared, transitions taken. */
  #newScope(): Parameters<AnyStateMachine['transition']>[2] {
    const actor = createActor(this.machine, { input: this.options.input });
    actor.system.inspect((inspected) => {
      if (inspected.type === '@xstate.microstep') this.#taken.push(...inspected._transitions);
    });
    const { system, id, sessionId } = actor;
    const nothing = () => {};
    return {
      self: actor,
      ...{ system, id, sessionId },
      ...{ logger: nothing, defer: nothing, emit: nothing, stopChild: nothing },
      actionExecutor: ({ type, params }) => this.#note(type, (params ?? {}) as TimerParams),
    };
  }

  #note(action: string, { event, delay, id, sendId }: TimerParams): void {
    if (action === 'xstate.cancel') this.#forget(sendId);
    if (action !== 'xstate.raise' || delay === undefined || !event) return;
    this.#forget(id);
    const timer = { id: id ?? event.type, type: event.type, dueMs: this.#nowMs + delay };
    const later = this.#pending.findIndex(({ dueMs }) => dueMs > timer.dueMs);
    this.#pending.splice(later < 0 ? this.#pending.length : later, 0, timer);
  }

  #forget(cleared: string | undefined): void {
    this.#pending = this.#pending.filter(({ id }) => id !== cleared);
  }
}

interface TimerParams {
  event?: EventObject;
  delay?: number;
  id?: string;
  sendId?: string;
}

const NOTHING_AHEAD: Foresight = { guards: new Set(), events: new Set() };

/** For ways on which timers fire when they are due, and in no other order. */
export function inTime(allows: ModelOptions['allows'] = () => true): ModelOptions['allows'] {
  return (state, event) => isInTime(state, event) && allows(state, event);
}

/** No timer, or the one that is due first. */
export function isInTime({ pending }: ModelState, event: EventObject): boolean {
  return pending[0]?.type === event.type || !pending.some(({ type }) => type === event.type);
}

export function pathOf(snapshot: { value: unknown }): string {
  return statePath(snapshot.value as StateValue);
}
