/**
 * `npm run capture`: a recorded call as a test that is ready to be committed. Exit codes: 0 written,
 * 2 the command line, the environment or the records are wrong, or the file is there already.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseError } from './journal/database.ts';
import { type CaptureArguments, readCaptureArguments } from './replay/capture-arguments.ts';
import { captureCall } from './replay/capture-call.ts';
import { capturedTest, capturedTestName } from './replay/captured-test.ts';
import { JournalError, readLives } from './replay/journal.ts';
import { readCall } from './replay/read-call.ts';
import { openRecords } from './report/open-records.ts';
import { UsageError } from './usage-error.ts';

const CAPTURED = new URL('../test/captured/', import.meta.url);

try {
  console.log(await capture(readCaptureArguments(process.argv.slice(2))));
} catch (error) {
  const isExpected =
    error instanceof UsageError || error instanceof DatabaseError || error instanceof JournalError;
  if (!isExpected) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function capture({ callSid, symptom, out }: CaptureArguments): Promise<string> {
  const database = await openRecords(process.env);
  const whole = await readCall(database, callSid).finally(() => database.close());
  const lives = readLives(whole.events);
  const journal = lives.at(-1) ?? lives[0];
  const captured = captureCall(journal, symptom);
  const file = out ?? fileURLToPath(new URL(capturedTestName(captured), CAPTURED));
  await writeNew(file, capturedTest(captured, file));
  const told = journal.rows.filter(({ kind }) => kind === 'event').length;
  return `${captured.symptom.kind}: of ${told} events ${captured.sequence.events.length} are left, written to ${relative('', file)}`;
}

/** @throws {UsageError} there is such a file already */
async function writeNew(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`--out: expected a new file, got ${relative('', file)}, which is there`);
  }
}
