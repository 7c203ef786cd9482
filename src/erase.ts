/**
 * `npm run erase -- +493012345678`: erases what is known of one caller. Exit codes: 0 all is erased,
 * 1 the database or the recordings could not be changed, 2 the command line or the environment is
 * wrong, 3 bookings to come were kept.
 */
import { parseArgs } from 'node:util';
import { callerKey, callerNumber } from './journal/caller-key.ts';
import { DatabaseError } from './journal/database.ts';
import { deleteRecordings, RecordingsError } from './journal/delete-recordings.ts';
import { type Erased, eraseCaller } from './journal/erase-caller.ts';
import { recordingsDirectory } from './journal/recordings.ts';
import { dataDirectory, openRecords } from './report/open-records.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `npm run erase -- +493012345678 [--with-upcoming]

  --with-upcoming   cancel and erase this caller's bookings to come, too; without it they are kept

DATABASE_URL, DATA_DIRECTORY, and CALLER_KEY_SECRET or TWILIO_AUTH_TOKEN, are read from the
environment, as the server has them. Recordings of calls are deleted on this machine only.`;

try {
  const erased = await erase();
  console.log(described(erased));
  process.exitCode = erased.upcoming.length > 0 ? 3 : 0;
} catch (error) {
  const isStores = error instanceof DatabaseError || error instanceof RecordingsError;
  if (!(error instanceof UsageError || isStores)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function erase(): Promise<Erased> {
  const { phone, withUpcoming } = readArguments(process.argv.slice(2));
  const secret = process.env.CALLER_KEY_SECRET?.trim() || process.env.TWILIO_AUTH_TOKEN?.trim();
  const key = secret ? callerKey(phone, secret) : undefined;
  if (!key) {
    throw new UsageError(
      `CALLER_KEY_SECRET: expected the secret of the server, or its TWILIO_AUTH_TOKEN, neither is set\n\n${USAGE}`,
    );
  }
  const database = await openRecords(process.env);
  const recordings = recordingsDirectory(dataDirectory(process.env));
  try {
    return await eraseCaller(database, key, {
      phone,
      withUpcoming,
      deleteRecordings: (callSids) => {
        // At once: should something fail, these calls may not be found again.
        if (database.kind === 'postgres') console.log(onOtherReplicas(callSids));
        return deleteRecordings(recordings, callSids);
      },
      nowMs: Date.now(),
    });
  } finally {
    await database.close();
  }
}

function readArguments(args: string[]): { phone: string; withUpcoming: boolean } {
  const { values, positionals } = parse(args);
  const [number, ...others] = positionals;
  const phone = number?.trim().startsWith('+') ? callerNumber(number) : undefined;
  if (!phone || others.length > 0) {
    const came = number === undefined ? 'none' : 'something else';
    throw new UsageError(
      `expected one phone number with country code, such as +493012345678, got ${came}\n\n${USAGE}`,
    );
  }
  return { phone, withUpcoming: values['with-upcoming'] ?? false };
}

function parse(args: string[]) {
  try {
    const options = { 'with-upcoming': { type: 'boolean' } } as const;
    return parseArgs({ args, options, allowPositionals: true });
  } catch {
    throw new UsageError(`expected only --with-upcoming beside the number\n\n${USAGE}`);
  }
}

function onOtherReplicas(callSids: readonly string[]): string {
  return `if recorded by another replica, to be deleted there: ${callSids.join(' ')}`;
}

function described({ upcoming, recordingUrls, ...counts }: Erased): string {
  const lines = Object.entries(counts).map(([name, count]) => `${name}: ${count}`);
  for (const { id, date, time, partySize } of upcoming) {
    lines.push(`kept, as the guest is expected: ${id}, ${date} ${time}, ${partySize} people`);
  }
  if (upcoming.length > 0) lines.push('Erase again after the visit, or now with --with-upcoming.');
  for (const url of recordingUrls) lines.push(`still to be deleted at Twilio: ${url}`);
  return lines.join('\n');
}
