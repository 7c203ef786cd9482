import { UsageError } from '../usage-error.ts';
import type { Capture } from './capture.ts';
import { type EventSequence, runSequence } from './event-sequence.ts';
import type { Journal } from './journal.ts';
import { type RecordedDifference, recordedDifference } from './recorded-difference.ts';
import { recordedSequence } from './recorded-sequence.ts';
import { describeDifference } from './replay-text.ts';
import { shrink } from './shrink.ts';
import { SYMPTOM_KINDS, type Symptom, symptomOf } from './symptom.ts';

/** What is looked for where nothing is named, the most telling first. */
const USUAL_KINDS = [
  'stuck',
  'deadAir',
  'outcome:failed',
  'event:agent.failed',
  'outcome:lost',
  'state:timeout.farewell',
  'state:timeout.outOfTime',
  'outcome:timedOut',
  'state:conversation.thinking.apologising',
] as const;

/**
 * @param kind of the symptom; undefined: the most telling that shows
 * @throws {UsageError} that says which show, where this one does not
 */
export function captureCall(journal: Journal, kind: string | undefined): Capture {
  const isAny = kind === undefined;
  const parting = isAny || kind === 'difference' ? recordedDifference(journal) : undefined;
  if (parting?.capture) return shortest(parting.capture);
  if (kind === 'difference') throw notShown(journal, kind, parting);
  const sequence = recordedSequence(journal);
  const symptoms = (isAny ? USUAL_KINDS : [kind]).map(symptomOf);
  const run = runSequence(sequence);
  const symptom = symptoms.find((each) => each.sightedIn(run));
  if (!symptom) throw notShown(journal, kind, parting);
  return shortest({ sequence, symptom, expected: undefined });
}

function shortest({ sequence, symptom, expected }: Capture): Capture {
  const shows = (shorter: EventSequence) => symptom.sightedIn(runSequence(shorter)) !== undefined;
  const ended = shrink(endingWith(symptom, sequence), shows);
  return { sequence: endingWith(symptom, ended), symptom, expected };
}

/** Nothing after the symptom has shown. */
function endingWith(symptom: Symptom, sequence: EventSequence): EventSequence {
  const untilMs = symptom.sightedIn(runSequence(sequence))?.ms ?? sequence.untilMs;
  const events = sequence.events.filter(({ ms }) => ms <= untilMs);
  return { ...sequence, events, untilMs };
}

/** @param parting where the records and the machine part, which no event of the machine shows */
function notShown(
  journal: Journal,
  kind: string | undefined,
  parting: RecordedDifference | undefined,
): UsageError {
  const run = runSequence(recordedSequence(journal));
  const shown = USUAL_KINDS.filter((usual) => symptomOf(usual).sightedIn(run));
  const states = new Set(run.steps.map(({ path }) => `state:${path}`));
  const others = [...(run.outcome ? [`outcome:${run.outcome}`] : []), ...states];
  const unshown =
    parting &&
    `a difference that no event of the call machine shows: ${describeDifference(parting.difference)}\n`;
  return new UsageError(
    `--symptom: expected one that shows in the call, got ${kind ?? 'none, and no usual one does'}\n` +
      `${unshown ?? ''}` +
      `usual ones that show: ${shown.join(', ') || 'none'}\n` +
      `others that show: ${others.join(', ')}\n\n${SYMPTOM_KINDS}`,
  );
}
