/**
 * Real time for a path: how long each timer has to be so that all of them fire in the order of the
 * path, soon where nothing else has to happen first, and far away where it must not fire at all.
 */
import type { PendingTimer } from './machine-model.ts';
import type { Path, Step } from './paths.ts';

/** In ms, by the names of the machine's limits. */
export type TimerLimits = Record<string, number>;

/** From when nothing more has to happen before it fires. */
const SOON_MS = 300;
/** The same, where it was set before other things happened. */
const LATER_MS = 600;
/** Longer than any path takes. */
const NEVER_MS = 120_000;

/**
 * A limit counts when a timer is set, and the same timer may have to fire here and to be forestalled
 * there: so limits change along the path.
 *
 * @param names of all limits that are times
 * @returns for each step, the limits that have to be in force when it begins
 */
export function limitsAlong({ steps }: Path, names: readonly string[], pace: Pace): TimerLimits[] {
  const never = Object.fromEntries(names.map((name) => [name, NEVER_MS]));
  const set = timersThatFire(steps, pace);
  const comes = (step: Step) => timerOf(step) !== undefined || pace.comesByItself(step);
  return steps.map((_, at) => {
    const limits = { ...never };
    // Nobody waits for us before steps that come by themselves: what they set has to be known.
    for (const timer of set.filter(({ setAt }) => setAt >= at).reverse()) {
      if (steps.slice(at + 1, timer.setAt + 1).every(comes)) limits[timer.name] = timer.ms;
    }
    return limits;
  });
}

/** Of steps that are not a timer's. */
export interface Pace {
  /** How long it may take on a busy machine. */
  mostMs(step: Step): number;
  /** Does it follow from the steps before it? */
  comesByItself(step: Step): boolean;
}

interface SetTimer {
  name: string;
  /** The step that sets it; -1: the start. */
  setAt: number;
  ms: number;
}

/**
 * In the order in which they are set. Each is long enough for what comes before it, whether the world
 * takes no time for anything, or for everything as long as it may.
 */
function timersThatFire(steps: readonly Step[], { mostMs }: Pace): SetTimer[] {
  const timers: SetTimer[] = [];
  /** When each step is done; before them, the start. */
  const fastMs = [0];
  const slowMs = [0];
  for (const [at, step] of steps.entries()) {
    const timer = timerOf(step);
    if (!timer) {
      fastMs.push(fastMs[at]!);
      slowMs.push(slowMs[at]! + mostMs(step));
      continue;
    }
    const isFirst = steps[0]!.from.pending.includes(timer);
    const setAt = isFirst ? -1 : steps.findIndex(({ to }) => to.pending.includes(timer));
    const [fastSetMs, slowSetMs] = [fastMs[setAt + 1]!, slowMs[setAt + 1]!];
    const beforeMs = Math.max(fastMs[at]! - fastSetMs, slowMs[at]! - slowSetMs);
    const ms = beforeMs + (setAt === at - 1 ? SOON_MS : LATER_MS);
    fastMs.push(fastSetMs + ms);
    slowMs.push(slowSetMs + ms);
    timers.push({ name: limitOf(timer.type), setAt, ms });
  }
  return timers.sort((a, b) => a.setAt - b.setAt);
}

function timerOf({ event, from }: Step): PendingTimer | undefined {
  return from.pending.find(({ type }) => type === event.type);
}

const LIMITS: Readonly<Record<string, string>> = {
  'limit.call': 'callMs',
  'limit.inactivity': 'inactivityMs',
  'limit.silence': 'fillerMs',
  'limit.handOver': 'handOverMs',
};

/** The name of the limit that says when this event comes. */
export function limitOf(eventType: string): string {
  return LIMITS[eventType] ?? eventType.replace(/^xstate\.after\.([^.]+)\..*/, '$1Ms');
}
