import type { Capture, Expected } from './capture.ts';
import {
  type EventSequence,
  runSequence,
  type SequenceRun,
  type SequenceStep,
} from './event-sequence.ts';
import type { Journal, JournalRow } from './journal.ts';
import { recordedSequence } from './recorded-sequence.ts';
import { type Difference, replay } from './replay-journal.ts';
import type { Sighting } from './symptom.ts';

export interface RecordedDifference {
  difference: Difference;
  /** What the machine is told up to there, and where the call stood; undefined: no event of it shows that. */
  capture: Capture | undefined;
}

/** Where the machine as it is now parts from a recorded call; undefined: nowhere. */
export function recordedDifference(journal: Journal): RecordedDifference | undefined {
  const { difference } = replay(journal);
  if (!difference) return undefined;
  return { difference, capture: captureOf(journal, difference) };
}

function captureOf(journal: Journal, difference: Difference): Capture | undefined {
  if (difference.what === 'turn') return undefined;
  const sequence = sequenceTo(journal, difference);
  const run = runSequence(sequence);
  const expected = recordedAt(journal, difference);
  const isSame =
    difference.what === 'timing' || String(expected.told) === String(lastOf(run)?.told);
  if (run.path === expected.path && isSame) return undefined;
  const symptom = {
    kind: 'difference',
    absence: 'the call goes as it was recorded',
    sightedIn: (other: SequenceRun) => sightingIn(other, run),
  };
  return { sequence, symptom, expected };
}

/** Up to the event that is answered otherwise, or to the moment at which a timer fires, or does not. */
function sequenceTo(journal: Journal, { what, seq, ms }: Difference): EventSequence {
  const isTimer = what === 'timing';
  const rows = journal.rows.filter((row) => (isTimer ? row.seq < seq : row.seq <= seq));
  const sequence = recordedSequence({ ...journal, rows });
  const lastMs = sequence.events.at(-1)?.ms ?? 0;
  return { ...sequence, untilMs: isTimer ? Math.max(lastMs, ms) : endOfLast(sequence, rows) };
}

/** The last event from outside, or the timer that fired after it. */
function endOfLast(sequence: EventSequence, rows: readonly JournalRow[]): number {
  const count = rows.filter(({ kind }) => kind === 'event').length;
  const { steps } = runSequence(sequence);
  return steps[count - 1]?.ms ?? sequence.untilMs;
}

/** Where the call stood in the records, and what actors were told by the event before. */
function recordedAt({ rows }: Journal, { what, seq, ms }: Difference): Expected {
  const isEvent = (row: JournalRow) => row.kind === 'event';
  const causeIndex = rows.findLastIndex((row) => isEvent(row) && row.seq <= seq);
  const isUnrecordedTimer = what === 'timing' && (rows[causeIndex]?.ms ?? 0) > ms;
  const following = rows.findIndex((row, i) => i > causeIndex && isEvent(row));
  const endIndex = isUnrecordedTimer ? causeIndex : following === -1 ? rows.length : following;
  const before = rows.slice(0, endIndex);
  const path = before.findLast(isOutput('state'))?.output.what ?? 'connecting';
  if (what === 'timing') return { path, told: undefined };
  const caused = before.slice(causeIndex).flatMap((row) => (row.kind === 'output' ? [row] : []));
  const told = caused
    .filter(({ output }) => output.type !== 'state')
    .map(({ output }) => output.what);
  return { path, told };
}

function isOutput(type: string) {
  return (row: JournalRow): row is JournalRow & { kind: 'output' } =>
    row.kind === 'output' && row.output.type === type;
}

function lastOf({ steps }: SequenceRun) {
  return steps.at(-1);
}

/** The last step of the recorded call, with nothing after it for as long as there. */
function sightingIn({ steps, untilMs }: SequenceRun, recorded: SequenceRun): Sighting | undefined {
  const last = lastOf(recorded);
  if (!last) return undefined;
  const forMs = recorded.untilMs - last.ms;
  const found = steps.find(
    (step, i) => isSameStep(step, last) && (steps[i + 1]?.ms ?? untilMs) - step.ms >= forMs,
  );
  return found && { ms: found.ms + forMs, what: `the call stands in ${found.path}` };
}

function isSameStep(a: SequenceStep, b: SequenceStep): boolean {
  const isSameWay = a.event === b.event && a.from === b.from && a.path === b.path;
  return isSameWay && String(a.told) === String(b.told);
}
