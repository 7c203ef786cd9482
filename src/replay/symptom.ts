import { UsageError } from '../usage-error.ts';
import type { SequenceRun, SequenceStep } from './event-sequence.ts';

/** Something about a call that should not be, and how it is found in the life of the call machine. */
export interface Symptom {
  /** As it is named on the command line, such as `deadAir:5000`. */
  kind: string;
  /** The name of a test that holds where it does not show. */
  absence: string;
  /** Where it shows for the first time; undefined: nowhere. */
  sightedIn(run: SequenceRun): Sighting | undefined;
}

export interface Sighting {
  ms: number;
  /** What is seen there. */
  what: string;
}

export const SYMPTOM_KINDS = `outcome:NAME   the call ends so (outcome:failed)
state:PATH     this state is entered (state:timeout.farewell)
event:TYPE     this event or timer is told and moves the call (event:agent.failed)
stuck:MS       the caller waits, and no state changes for longer than this (10000)
deadAir:MS     the caller waits, and hears nothing for longer than this (5000)`;

/** @param kind such as `outcome:failed`; `stuck` and `deadAir` may go without their ms. @throws {UsageError} */
export function symptomOf(kind: string): Symptom {
  const [, name = '', value = ''] = /^(\w+)(?::(.+))?$/.exec(kind) ?? [];
  const make = MAKERS[name];
  const symptom = make?.(value);
  if (!symptom) {
    throw new UsageError(`symptom: expected difference or one of\n${SYMPTOM_KINDS}\ngot "${kind}"`);
  }
  return { kind, ...symptom };
}

type Maker = (value: string) => Omit<Symptom, 'kind'> | undefined;

const MAKERS: Record<string, Maker> = {
  outcome: (name) =>
    name === ''
      ? undefined
      : {
          absence: `the call does not end as ${name}`,
          sightedIn: ({ outcome, steps }) =>
            outcome === name ? seen(steps.at(-1), `ended as ${name}`) : undefined,
        },
  state: (path) =>
    path === ''
      ? undefined
      : {
          absence: `the call does not come to ${path}`,
          sightedIn: ({ steps }) =>
            seen(
              steps.find((step) => step.path !== step.from && isIn(step.path, path)),
              `entered ${path}`,
            ),
        },
  event: (type) =>
    type === ''
      ? undefined
      : {
          absence: `the call is not moved by ${type}`,
          sightedIn: ({ steps }) =>
            seen(
              steps.find(({ event, from, path }) => event === type && from !== path),
              `moved by ${type}`,
            ),
        },
  stuck: (text) => {
    const limitMs = limitOf(text, STUCK_MS);
    return limitMs === undefined
      ? undefined
      : {
          absence: `no state leaves the caller waiting for longer than ${limitMs} ms`,
          sightedIn: (run) => waited(run, limitMs, (step) => step.path !== step.from),
        };
  },
  deadAir: (text) => {
    const limitMs = limitOf(text, DEAD_AIR_MS);
    return limitMs === undefined
      ? undefined
      : {
          absence: `the caller does not wait in silence for longer than ${limitMs} ms`,
          sightedIn: (run) => waited(run, limitMs, isHeard),
        };
  },
};

const STUCK_MS = 10_000;
const DEAD_AIR_MS = 5000;

function limitOf(text: string, usualMs: number): number | undefined {
  if (text === '') return usualMs;
  return /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}

function seen(step: SequenceStep | undefined, what: string): Sighting | undefined {
  return step && { ms: step.ms, what };
}

/** The state, or one within it. */
function isIn(path: string, state: string): boolean {
  return path === state || path.startsWith(`${state}.`);
}

/** Longer than the limit without a step that ends the waiting. */
function waited(
  { steps, untilMs }: SequenceRun,
  limitMs: number,
  isEnd: (step: SequenceStep) => boolean,
): Sighting | undefined {
  let sinceMs: number | undefined;
  for (const [index, step] of steps.entries()) {
    if (!isWaiting(step)) sinceMs = undefined;
    else if (sinceMs === undefined || isEnd(step)) sinceMs = step.ms;
    const nextMs = steps[index + 1]?.ms ?? untilMs;
    if (sinceMs === undefined || nextMs - sinceMs <= limitMs) continue;
    return { ms: sinceMs + limitMs + 1, what: `waited for ${nextMs - sinceMs} ms in ${step.path}` };
  }
  return undefined;
}

/** The caller has finished, and the agent is not heard; or it is not decided who has the floor. */
function isWaiting({ path }: SequenceStep): boolean {
  return isIn(path, 'conversation.thinking') || isIn(path, 'conversation.bargeIn');
}

/** A prepared sentence counts from its beginning: the machine does not know how long it is. */
function isHeard({ told, event }: SequenceStep): boolean {
  return event === 'agent.audible' || told.some((what) => /^(play|fill|resume)\b/.test(what));
}
