import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

export interface ReplayArguments {
  callSid: string;
  /** `name=value`, in order. */
  settings: readonly string[];
  json: boolean;
}

const REPLAY_USAGE = `npm run replay -- CALLSID [--set name=value ...] [--json]

  --set NAME=VALUE   what would have been with another threshold of the ears (endpointing.silenceMs=300,
                     endpointing.interruptMs=400) or another limit (limits.idleMs=5000); a wrong name
                     lists all that can be set
  --json             for a program

Runs a recorded call through the call machine as it is now and prints the first difference in states,
timings or words. Of a call that went on after a break all lives are run; --set looks at the last.
Exit codes: 0 no difference, 1 a difference, 2 the command line or the records. DATABASE_URL or DATA_DIRECTORY are read from the environment, as the server has them.`;

/** @param args Without the program's name. @throws {UsageError} */
export function readReplayArguments(args: string[]): ReplayArguments {
  const { positionals, values } = parse(args);
  const [callSid, ...more] = positionals;
  if (callSid === undefined || more.length > 0) {
    throw usage(`expected one CallSid, got ${positionals.length}`);
  }
  return { callSid, settings: values.set ?? [], json: values.json ?? false };
}

function parse(args: string[]) {
  const options = {
    set: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(problem: string): UsageError {
  return new UsageError(`${problem}\n\n${REPLAY_USAGE}`);
}
