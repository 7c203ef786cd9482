import { parseArgs } from 'node:util';
import { callerNumber } from '../journal/caller-key.ts';
import { UsageError } from '../usage-error.ts';

export interface DoctorArguments {
  json: boolean;
  fix: boolean;
  /** Answers the question of `--fix`. */
  yes: boolean;
  /** E.164. */
  number: string | undefined;
  help: boolean;
}

export const USAGE = `npm run doctor [-- --json] [-- --fix [--yes] [--number +493012345678]]

  --json     prints the findings as JSON
  --fix      sets webhook, fallback and status callback of the telephone number, after asking
  --yes      does not ask
  --number   the telephone number that is meant, where the account has several

The environment is that of the server. Exit codes: 0 calls can be served, though there may be warnings;
1 something failed; 2 the command line is wrong.`;

/** @throws {UsageError} */
export function doctorArguments(args: readonly string[]): DoctorArguments {
  const { json, fix, yes, number: given, help } = parse(args);
  if (yes && !fix) throw new UsageError(`--yes: expected --fix beside it\n\n${USAGE}`);
  const number = given?.startsWith('+') ? callerNumber(given) : undefined;
  if (given !== undefined && !number) {
    throw new UsageError(`--number: expected a number such as +493012345678\n\n${USAGE}`);
  }
  return { json, fix, yes, number, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        fix: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        number: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch {
    // Node's own message repeats what was typed, which may be a number.
    throw new UsageError(`expected only the options below\n\n${USAGE}`);
  }
}
