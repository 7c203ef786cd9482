/** Calls in which anything may happen, for tests of what holds in every call. */
import fc from 'fast-check';
import { SyntheticCall } from './synthetic-call.ts';

const OUTSIDE = [
  'line.lost',
  'line.answeredByMachine',
  'line.unattended',
  'caller.hungUp',
  'operator.shutdown',
  'agent.transferred',
  'agent.concluded',
  'xstate.error.actor.agent',
];
const AGENT = [
  'agent.audible',
  'agent.finished',
  'agent.failed',
  'agent.consulting',
  'agent.consulted',
];
const EARS = ['spoke', 'paused', 'resumed', 'finished', 'interrupted', 'ignored'];

type Action = (call: SyntheticCall) => void;
const sent = (type: string): Action => {
  if (type === 'agent.transferred') return (call) => call.send({ type, destination: 'manager' });
  return (call) => call.send(type);
};
const PASS = fc.integer({ min: 0, max: 9000 }).map(
  (ms): Action =>
    (call) =>
      call.pass(ms),
);
const KEY = fc.constantFrom('0', '5').map(
  (digit): Action =>
    (call) =>
      call.send({ type: 'caller.pressed', digit }),
);
const TOLD = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...AGENT).map(sent) },
  { weight: 1, arbitrary: KEY },
  { weight: 1, arbitrary: fc.constantFrom(...OUTSIDE).map(sent) },
);
/** What may happen in a call, told to its machine by type: no voice activity is recorded. */
export const ACTION = fc.oneof(
  { weight: 6, arbitrary: PASS },
  { weight: 8, arbitrary: fc.constantFrom(...EARS.map((name) => `caller.${name}`)).map(sent) },
  { weight: 6, arbitrary: TOLD },
);
const SOUND = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom('speech', 'silence')).map(
  ([windows, kind]): Action =>
    (call) =>
      call.hear(windows * 32, kind as 'speech'),
);
/** The caller makes sounds, which the ears judge; the rest is told. */
export const HEARD = fc.oneof({ weight: 3, arbitrary: SOUND }, { weight: 2, arbitrary: TOLD });
/** Of timers, one after the other. */
export const LATENESS = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 });

export function played(actions: readonly Action[], lateness: readonly number[]): SyntheticCall {
  let timers = 0;
  const call = new SyntheticCall({ latenessMs: () => lateness[timers++ % lateness.length] ?? 0 });
  call.send('line.started');
  for (const act of actions) act(call);
  return call;
}
