/** A call to which anything happens, in any order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CallEvent, CallInput } from '../../machines/call-protocol.ts';
import { TEST_LIMITS } from '../support/steered-call.ts';
import { CALL_DRIVER } from './call-driver.ts';
import { assertInvariants } from './call-invariants.ts';
import { CALL_EVENT_FORMS } from './call-model.ts';
import { CallWatch } from './call-watch.ts';
import { LiveCall, type LiveCallOptions } from './live-call.ts';
import { eventName } from './paths.ts';

export interface Move {
  kind: 'heard' | 'unheard' | 'again' | 'end' | 'timer' | 'anyTimer' | 'break';
  /** Chooses among what the kind allows at the moment. */
  die: number;
}

export interface CallWalk {
  input: CallInput;
  moves: readonly Move[];
}

export const callWalk: fc.Arbitrary<CallWalk> = fc.record({
  input: fc.record({
    limits: fc.record({
      ...fixed(TEST_LIMITS),
      turns: fc.integer({ min: 1, max: 4 }),
      reprompts: fc.integer({ min: 0, max: 2 }),
      failures: fc.integer({ min: 1, max: 3 }),
      callMs: fc.constantFrom(TEST_LIMITS.callMs, 20_000),
    }),
    personReachable: fc.boolean(),
  }),
  moves: fc.array(
    fc.record({
      kind: fc.oneof(
        { weight: 60, arbitrary: fc.constant<Move['kind']>('heard') },
        { weight: 12, arbitrary: fc.constant<Move['kind']>('unheard') },
        { weight: 8, arbitrary: fc.constant<Move['kind']>('again') },
        { weight: 15, arbitrary: fc.constant<Move['kind']>('timer') },
        { weight: 3, arbitrary: fc.constant<Move['kind']>('anyTimer') },
        { weight: 4, arbitrary: fc.constant<Move['kind']>('end') },
        { weight: 1, arbitrary: fc.constant<Move['kind']>('break') },
      ),
      die: fc.nat({ max: 9999 }),
    }),
    { minLength: 1, maxLength: 80, size: 'max' },
  ),
});

/** Timers that may fire until a call has ended to which nothing else happens. */
const MOST_TIMERS = 40;

/**
 * First anything happens, then nothing: the call must end by itself.
 *
 * @throws an AssertionError with the way on which a promise was broken
 */
export function walkCall({ input, moves }: CallWalk, options: LiveCallOptions = {}): void {
  const call = new LiveCall(input, options);
  const watch = new CallWatch(call);
  const way: string[] = [];
  const happened = (what: string, type = what) => {
    way.push(what);
    assertInvariants(watch.next(type), () => way.join(' > '));
  };
  let last: CallEvent | undefined;
  for (const move of moves) {
    if (call.actor.getSnapshot().status !== 'active') break;
    const event = eventOf(move, call, last);
    if (event) call.send(event);
    const what = event ? eventName(event) : letTimePass(move, call);
    if (what) happened(what, event?.type ?? what);
    last = event ?? last;
  }
  for (let timers = 0; call.clock.pending.length > 0; timers++) {
    assert.ok(timers < MOST_TIMERS, `expected silence to end the call, after ${way.join(' > ')}`);
    happened(letTimePass({ kind: 'timer', die: 0 }, call) ?? '');
  }
  assert.equal(call.actor.getSnapshot().status, 'done', `after ${way.join(' > ')}`);
}

/** Undefined where the move is none of an event. */
function eventOf({ kind, die }: Move, call: LiveCall, last?: CallEvent): CallEvent | undefined {
  if (kind === 'again') return last;
  const heard = new Set(call.actor.getSnapshot()._nodes.flatMap((node) => node.ownEvents));
  const events = EVENTS.filter(({ type }) => {
    if (kind === 'end') return ENDING.has(type);
    return !ENDING.has(type) && heard.has(type) === (kind === 'heard');
  });
  if (kind !== 'heard' && kind !== 'unheard' && kind !== 'end') return undefined;
  return events[die % events.length];
}

/** @returns what happened, in words, if anything did */
function letTimePass({ kind, die }: Move, call: LiveCall): string | undefined {
  const { pending } = call.clock;
  if (kind === 'break') {
    const actor = (['line', 'ears', 'agent'] as const)[die % 3]!;
    call.breakActor(actor);
    return `break ${actor}`;
  }
  if (kind !== 'timer' && kind !== 'anyTimer') return undefined;
  const timer = pending[kind === 'timer' ? 0 : die % pending.length];
  if (!timer) return undefined;
  call.clock.fire(timer.type);
  return eventName({ type: timer.type });
}

/** With these a call is over, or nearly so: as often as others, they would make every walk short. */
const ENDING = new Set<string>([
  'caller.hungUp',
  'caller.pressed',
  'line.lost',
  'line.refused',
  'line.answeredByMachine',
  'line.unattended',
  'agent.transferred',
  'agent.concluded',
  'operator.shutdown',
  'operator.handOver',
]);

/** All that the world can tell, in all forms. */
const EVENTS: readonly CallEvent[] = Object.keys(CALL_DRIVER)
  .filter((type) => !type.startsWith('xstate.'))
  .flatMap((type) => (CALL_EVENT_FORMS as Record<string, CallEvent[]>)[type] ?? [{ type }])
  .map((event) => event as CallEvent);

/** Each value as the only one that it can be. */
function fixed<Values extends object>(values: Values) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, fc.constant(value)]),
  ) as { [Name in keyof Values]: fc.Arbitrary<Values[Name]> };
}
