import type { CallContext } from '../../machines/call-protocol.ts';
import type { WholeCall } from '../journal/call-list.ts';
import { JournalError, type RecordedEvents, readLives } from './journal.ts';
import { MachineRun } from './machine-run.ts';
import { type Replay, replayLives } from './replay-journal.ts';
import { describeDifference } from './replay-text.ts';

/** The call machine after one event. */
export interface Moment {
  seq: number;
  /** ms since 1970 */
  at: number;
  event: string;
  path: string;
  /** Null: not known. */
  context: CallContext | null;
}

export interface Moments {
  moments: readonly Moment[];
  /** Why contexts are missing: none is known, or none from the first difference on. */
  problem: string | null;
}

/**
 * A call moment by moment: states as recorded, and what the machine had in mind, which only the
 * replay tells. Works for calls that go on, and for those recorded before limits were.
 */
export function momentsOf({ events }: Pick<WholeCall, 'events'>): Moments {
  const moments = recordedMoments(events);
  try {
    const lives = readLives(events);
    const begun = lives.map(({ input, seq }) => {
      const { context, path } = new MachineRun(input);
      return { seq, path, context };
    });
    const replayed = replayLives(lives);
    return {
      moments: withContext(moments, [...begun, ...sameSteps(replayed)]),
      problem: problemOf(replayed),
    };
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { moments, problem: error.message };
  }
}

/** Without the one that has led elsewhere. */
function sameSteps({ steps, difference }: Replay): Replay['steps'] {
  const isElsewhere = difference && ['state', 'words', 'ears'].includes(difference.what);
  return isElsewhere ? steps.slice(0, -1) : steps;
}

function problemOf({ difference }: Replay): string | null {
  return difference ? describeDifference(difference) : null;
}

function withContext(
  moments: readonly Moment[],
  steps: readonly { seq: number; path: string; context: CallContext }[],
): Moment[] {
  const known = new Map(steps.map((step) => [step.seq, step]));
  return moments.map((moment) => {
    const step = known.get(moment.seq);
    return step ? { ...moment, path: step.path, context: step.context } : moment;
  });
}

/** A `state` row says where the event before it has led. */
function recordedMoments(events: RecordedEvents): Moment[] {
  const moments: Moment[] = [];
  let path = 'connecting';
  for (const { seq, at, type, payload } of events) {
    if (type === 'state') {
      path = pathOf(payload) ?? path;
      const last = moments.at(-1);
      if (last) last.path = path;
      else moments.push({ seq, at, event: type, path, context: null });
    } else if (!NO_MOMENTS.has(type)) {
      // Each life of a call begins anew.
      if (type === 'machine.started') path = 'connecting';
      moments.push({ seq, at, event: type, path, context: null });
    }
  }
  return moments;
}

function pathOf(payload: unknown): string | undefined {
  const path = (payload as { path?: unknown } | null)?.path;
  return typeof path === 'string' ? path : undefined;
}

/** Rows that tell of something else than what the machine was told. */
const NO_MOMENTS: ReadonlySet<string> = new Set([
  'agent.told',
  'ears.told',
  'ears.windows',
  'ears.keyed',
  'turn.answered',
  'reply.ended',
  'speculation.ended',
  'tool.ended',
  'playout.ended',
  'xstate.init',
]);
