/**
 * Real time for a path: how long each timer has to be so that all of them fire in the order of the
 * path, soon where nothing else has to happen first, and far away where it must not fire at all.
 */
import type { PendingTimer } from './machine-model.ts';
import type { Path, Step } from './paths.ts';

/** In ms, by the names of the machine's limits. */
export type TimerLimits = Record<string, number>;

/** Nothing has to happen before it fires. */
const SOON_MS = 300;
/** What has to happen before it fires may take as much longer than it usually does. */
const LATER_MS = 1500;
/** Longer than any path takes. */
const NEVER_MS = 120_000;

/**
 * A limit counts when a timer is set, and the same timer may have to fire here and to be forestalled
 * there: so limits change along the path.
 *
 * @param names of all limits that are times
 * @param usualMs how long a step usually takes that is not a timer's
 * @returns for each step, the limits that have to be in force when it begins
 */
export function limitsAlong(
  { steps }: Path,
  names: readonly string[],
  usualMs: (step: Step, at: number) => number,
): TimerLimits[] {
  const never = Object.fromEntries(names.map((name) => [name, NEVER_MS]));
  const set = timersThatFire(steps, usualMs);
  return steps.map((_, at) => {
    const limits = { ...never };
    // Steps of timers follow by themselves: what they set has to be known before.
    for (const timer of set.filter(({ setAt }) => setAt >= at).reverse()) {
      if (steps.slice(at + 1, timer.setAt + 1).every(isTimed)) limits[timer.name] = timer.ms;
    }
    return limits;
  });
}

interface SetTimer {
  name: string;
  /** The step that sets it; -1: the start. */
  setAt: number;
  ms: number;
}

/** In the order in which they are set. */
function timersThatFire(
  steps: readonly Step[],
  usualMs: (step: Step, at: number) => number,
): SetTimer[] {
  const timers: SetTimer[] = [];
  /** When each step is expected to be done; before it, the start. */
  const doneMs = [0];
  for (const [at, step] of steps.entries()) {
    const timer = timerOf(step);
    const before = doneMs[at]!;
    if (!timer) {
      doneMs.push(before + usualMs(step, at));
      continue;
    }
    const setAt = steps.findIndex(({ to }) => to.pending.includes(timer));
    const isAlready = steps[0]!.from.pending.includes(timer);
    const since = isAlready ? -1 : setAt;
    doneMs.push(before + (since === at - 1 ? SOON_MS : LATER_MS));
    timers.push({
      name: limitOf(timer.type),
      setAt: since,
      ms: doneMs[at + 1]! - doneMs[since + 1]!,
    });
  }
  return timers.sort((a, b) => a.setAt - b.setAt);
}

function timerOf({ event, from }: Step): PendingTimer | undefined {
  return from.pending.find(({ type }) => type === event.type);
}

function isTimed(step: Step): boolean {
  return timerOf(step) !== undefined;
}

const LIMITS: Readonly<Record<string, string>> = {
  'limit.call': 'callMs',
  'limit.inactivity': 'inactivityMs',
  'limit.silence': 'fillerMs',
};

function limitOf(eventType: string): string {
  return LIMITS[eventType] ?? eventType.replace(/^xstate\.after\.([^.]+)\..*/, '$1Ms');
}
