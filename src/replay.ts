/**
 * `npm run replay`: a recorded call, run through the call machine as it is now. Exit codes: 0 no
 * difference, 1 a difference, 2 the command line, the environment or the records are wrong.
 */
import { DatabaseError } from './journal/database.ts';
import { recordedLife } from './replay/call-life.ts';
import { readDepartures } from './replay/departures.ts';
import { JournalError, readLives } from './replay/journal.ts';
import { ownOutcome, readCall } from './replay/read-call.ts';
import { type ReplayArguments, readReplayArguments } from './replay/replay-arguments.ts';
import { replayLives } from './replay/replay-journal.ts';
import { replayText, whatIfText } from './replay/replay-text.ts';
import { compareLives } from './replay/turn-comparison.ts';
import { MODELLED, whatIf } from './replay/what-if.ts';
import { openRecords } from './report/open-records.ts';
import { UsageError } from './usage-error.ts';

try {
  const options = readReplayArguments(process.argv.slice(2));
  const { text, isDifferent } = await replayed(options);
  process.stdout.write(text);
  process.exitCode = isDifferent ? 1 : 0;
} catch (error) {
  const isExpected =
    error instanceof UsageError || error instanceof DatabaseError || error instanceof JournalError;
  if (!isExpected) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function replayed(options: ReplayArguments): Promise<{ text: string; isDifferent: boolean }> {
  const { callSid, settings, json } = options;
  const database = await openRecords(process.env);
  const whole = await readCall(database, callSid).finally(() => database.close());
  const lives = readLives(whole.events);
  const outcome = ownOutcome(whole);
  if (settings.length === 0) {
    const result = replayLives(lives, { turns: whole.turns, outcome });
    const text = json ? jsonText({ callSid, ...result }) : replayText(callSid, result);
    return { text, isDifferent: result.difference !== undefined };
  }
  const journal = lives.at(-1) ?? lives[0];
  const departures = readDepartures(settings, journal.input.limits);
  if (departures.ofEars && !journal.rows.some(({ kind }) => kind === 'windows')) {
    throw new UsageError(
      '--set: expected limits only, got endpointing: the call was recorded without its voice activity',
    );
  }
  const result = compareLives(
    recordedLife(journal, whole.call.outcome),
    whatIf(journal, departures),
  );
  const text = json
    ? jsonText({ callSid, settings, ...result, modelled: MODELLED })
    : whatIfText(callSid, settings, result);
  return { text, isDifferent: false };
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
