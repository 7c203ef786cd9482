import { UsageError } from '../usage-error.ts';
import type { Capture, Expected } from './capture.ts';
import { type EventSequence, runSequence, type SequenceRun } from './event-sequence.ts';
import type { Journal, JournalRow } from './journal.ts';
import { recordedSequence } from './recorded-sequence.ts';
import { type Difference, replay } from './replay-journal.ts';
import { describeDifference } from './replay-text.ts';

/**
 * Where the machine as it is now parts from a recorded call: what it is told up to there, and where
 * the call stood then. Undefined: nowhere.
 * @throws {UsageError} for a difference that no event of the machine shows
 */
export function recordedDifference(journal: Journal): Capture | undefined {
  const { difference } = replay(journal);
  if (!difference) return undefined;
  if (difference.what === 'turn') throw notOfMachine(difference);
  const sequence = sequenceTo(journal, difference);
  const run = runSequence(sequence);
  const expected = recordedAt(journal, difference);
  const isSame =
    difference.what === 'timing' || String(expected.told) === String(lastOf(run)?.told);
  if (run.path === expected.path && isSame) throw notOfMachine(difference);
  const sighting = { ms: difference.ms, what: `the call stands in ${run.path}` };
  const symptom = {
    kind: 'difference',
    absence: 'the call goes as it was recorded',
    sightedIn: (other: SequenceRun) => (isLike(other, run) ? sighting : undefined),
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

/** The same last step, as long before the end. */
function isLike(one: SequenceRun, other: SequenceRun): boolean {
  const [a, b] = [lastOf(one), lastOf(other)];
  if (!a || !b) return false;
  const isSameStep = a.event === b.event && a.from === b.from && a.path === b.path;
  const isSameEnd = one.untilMs - a.ms === other.untilMs - b.ms;
  return isSameStep && String(a.told) === String(b.told) && isSameEnd;
}

function notOfMachine(difference: Difference): UsageError {
  return new UsageError(
    `--symptom: expected a difference that shows in what the call machine does, got ${describeDifference(difference)}`,
  );
}
