import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Profile, profileSchema, WEEKDAYS } from './profile.ts';
import { readDocument } from './profile-document.ts';
import { ProfileError, type ProfileErrorKind, type ProfileProblem } from './profile-error.ts';
import { expandHours } from './profile-hours.ts';
import { overrideCommonFields, overrideFields } from './profile-overrides.ts';
import { problemsOf } from './profile-problems.ts';

/**
 * The restaurant, as its file describes it (YAML or JSON; the sample without one) and the environment
 * overrides it. Frozen through and through.
 * @throws {ProfileError} with everything that is wrong; of text that is not YAML, where it is not
 */
export function loadProfile(options: {
  path?: string;
  env: Readonly<Record<string, string | undefined>>;
}): Profile {
  const given = options.path ?? options.env.RESTAURANT_PROFILE;
  const path = given || fileURLToPath(SAMPLE);
  const file = given || basename(path);
  const format = path.toLowerCase().endsWith('.json') ? 'JSON' : 'YAML';
  const { draft, syntax, duplicates } = readDocument(readText(path, file), format);
  if (syntax.length > 0) throw new ProfileError('syntax', file, syntax);
  const problems = [...duplicates, ...expandHours(draft)];
  overrideCommonFields(draft, options.env);
  // Single days can be overridden once hours have the form of the schema, not before.
  problems.push(...expandHours(draft), ...overrideFields(draft, options.env));
  problems.push(...expandHours(draft));
  const parsed = profileSchema.safeParse(draft.data);
  if (!parsed.success) problems.push(...problemsOf(draft, parsed.error.issues));
  if (!parsed.success || problems.length > 0) {
    throw new ProfileError('invalid', file, inOrder(problems));
  }
  return deepFreeze(parsed.data);
}

const SAMPLE = new URL('./sample-profile.yaml', import.meta.url);
const ANY_DAY = new RegExp(WEEKDAYS.join('|'));
const MOST_BYTES = 256 * 1024;

function readText(path: string, file: string): string {
  const fail = (kind: ProfileErrorKind, message: string) =>
    new ProfileError(kind, file, [{ field: '', message }]);
  let bytes: Buffer;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw fail('unreadable', 'expected a file, got a directory');
    if (stats.size > MOST_BYTES) {
      throw fail('tooLarge', `expected at most ${MOST_BYTES} bytes, got ${stats.size}`);
    }
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof ProfileError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw fail('missing', 'expected a description of the restaurant; there is no such file');
    throw fail('unreadable', `expected a file that can be read, got ${code}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fail('unreadable', 'expected text in UTF-8');
  }
}

/** By line; what the environment says wrong comes last. A mistake for several days is told once. */
function inOrder(problems: readonly ProfileProblem[]): ProfileProblem[] {
  const byMistake = new Map<string, ProfileProblem>();
  for (const problem of problems) {
    const { line, column, variable, message } = problem;
    const field = problem.field.replace(ANY_DAY, 'day');
    const mistake = JSON.stringify([line, column, variable, field, message]);
    if (!byMistake.has(mistake)) byMistake.set(mistake, problem);
  }
  const lineOf = ({ line }: ProfileProblem) => line ?? Number.MAX_SAFE_INTEGER;
  return [...byMistake.values()].sort((one, other) => lineOf(one) - lineOf(other));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
