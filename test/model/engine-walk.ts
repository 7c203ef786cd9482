/** An engine to which anything happens, in any order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { statePath } from '../../machines/state-path.ts';
import { ENGINE_LIMITS } from './engine-model.ts';
import { LiveEngine } from './live-engine.ts';
import { eventName } from './paths.ts';

type Move =
  | 'start'
  | 'drain'
  | 'lose'
  | 'succeed'
  | 'fail'
  | 'endWork'
  | 'failWork'
  | 'timer'
  | 'lateTimer';

export const engineWalk: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom<Move[]>('start', 'succeed', 'endWork') },
    { weight: 10, arbitrary: fc.constantFrom<Move[]>('fail', 'failWork') },
    { weight: 10, arbitrary: fc.constantFrom<Move[]>('timer', 'timer', 'lateTimer') },
    { weight: 1, arbitrary: fc.constantFrom<Move[]>('drain', 'lose') },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** What is true of an engine at every moment. */
export const ENGINE_INVARIANTS: Readonly<Record<string, (engine: LiveEngine) => boolean>> = {
  'the machine itself never fails': ({ actor }) => actor.getSnapshot().status !== 'error',
  'an engine that takes calls has failed less often in a row than it may': ({ actor }) => {
    const snapshot = actor.getSnapshot();
    const { failures, limits } = snapshot.context;
    return !snapshot.hasTag('takesCalls') || failures < limits.failures;
  },
  'it is tried in one way at a time, and only when it is time to': (engine) => {
    const expected = { warming: 'warmUp', 'ready.probing': 'probe' }[stateOf(engine)];
    return [...engine.working].join() === (expected ?? '');
  },
  'no timer is lost sight of': ({ clock }) => clock.pending.every(({ type }) => type !== 'lost'),
  'it goes on by itself from where it was started until it is drained': (engine) =>
    ['cold', 'draining'].includes(stateOf(engine)) === (engine.clock.pending.length === 0),
  'the pause before it is tried again is bounded': (engine) => {
    const [first] = engine.clock.pending;
    if (stateOf(engine) !== 'down' || !first) return true;
    return first.dueMs - engine.clock.nowMs <= ENGINE_LIMITS.backOffMaxMs;
  },
};

/** Timers and successes until an engine that works again takes calls. */
const MOST_STEPS = 5;

/**
 * First anything happens; then the engine works, and must take calls again.
 *
 * @throws an AssertionError with the way on which a promise was broken
 */
export async function walkEngine(moves: readonly Move[]): Promise<void> {
  const engine = new LiveEngine({ limits: ENGINE_LIMITS });
  const way: string[] = [];
  const make = async (move: Move) => {
    way.push(happen(engine, move));
    await engine.look();
    const broken = Object.entries(ENGINE_INVARIANTS).filter(([, holds]) => !holds(engine));
    const names = broken.map(([name]) => name).join('", "');
    assert.equal(broken.length, 0, `"${names}" does not hold after ${way.join(' > ')}`);
  };
  for (const move of moves) {
    if (engine.actor.getSnapshot().status !== 'active') return;
    await make(move);
  }
  if (stateOf(engine) === 'cold') await make('start');
  for (let steps = 0; !engine.actor.getSnapshot().hasTag('takesCalls'); steps++) {
    if (stateOf(engine) === 'draining') return;
    assert.ok(steps < MOST_STEPS, `expected it to take calls again, after ${way.join(' > ')}`);
    await make(engine.working.size > 0 ? 'endWork' : 'timer');
  }
}

/** @returns what happened, in words */
function happen(engine: LiveEngine, move: Move): string {
  const { pending } = engine.clock;
  const [work] = engine.working;
  if (move === 'timer' || move === 'lateTimer') {
    const timer = pending.at(move === 'timer' ? 0 : -1);
    if (!timer) return 'nothing';
    engine.clock.fire(timer.type);
    return eventName({ type: timer.type });
  }
  if (move === 'endWork' || move === 'failWork') {
    if (!work) return 'nothing';
    engine[move](work);
    return `${move}(${work})`;
  }
  engine[move]();
  return move;
}

function stateOf({ actor }: LiveEngine): string {
  return statePath(actor.getSnapshot().value);
}
