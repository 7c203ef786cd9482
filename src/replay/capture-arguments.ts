import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';
import { SYMPTOM_KINDS } from './symptom.ts';

export interface CaptureArguments {
  callSid: string;
  /** Undefined: the most telling that shows. */
  symptom: string | undefined;
  /** As an absolute path; undefined: named by the symptom. */
  out: string | undefined;
}

const CAPTURE_USAGE = `npm run capture -- CALLSID [--symptom KIND] [--out test/captured/NAME.test.ts]

  --symptom KIND   what the call shows and should not (default: the most telling that it shows)
  --out FILE       where the test goes; nothing is overwritten

difference     the call machine as it is now goes otherwise than the call was recorded
${SYMPTOM_KINDS}

Writes a recorded call as a test that fails as long as the symptom shows: without words, numbers and
moments of day, and with as few events as still show it. Of a call that went on after a break it is
the last life that is looked at. Exit codes: 0 written, 2 the command line,
the environment or the records. DATABASE_URL or DATA_DIRECTORY are read as the server has them.`;

/** @param args Without the program's name. @throws {UsageError} */
export function readCaptureArguments(args: string[]): CaptureArguments {
  const { positionals, values } = parse(args);
  const [callSid, ...more] = positionals;
  if (callSid === undefined || more.length > 0) {
    throw usage(`expected one CallSid, got ${positionals.length}`);
  }
  if (values.out !== undefined && !values.out.endsWith('.test.ts')) {
    throw usage(`--out: expected a file named NAME.test.ts, got "${values.out}"`);
  }
  const out = values.out === undefined ? undefined : resolve(values.out);
  return { callSid, symptom: values.symptom, out };
}

function parse(args: string[]) {
  const options = { symptom: { type: 'string' }, out: { type: 'string' } } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(problem: string): UsageError {
  return new UsageError(`${problem}\n\n${CAPTURE_USAGE}`);
}
