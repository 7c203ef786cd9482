import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { type CerebriumFile, cerebriumProblems, cerebriumSchema } from '../cerebrium-file.ts';
import type { Check } from '../check.ts';
import { type Finding, failure, findingOf, skipped } from '../finding.ts';
import { required } from '../usable-settings.ts';

const FILE = 'cerebrium.toml';

/** Whether what Cerebrium is told fits what the server is told. */
export const cerebriumFile: Check = {
  name: 'Cerebrium file',
  remedy: `see whether ${FILE} can be read`,
  run: async ({ settings, directory }) => {
    const path = join(directory, FILE);
    if (!existsSync(path)) return skipped(`there is no ${FILE} here`);
    const file = readCerebrium(await readFile(path, 'utf8'));
    if ('outcome' in file) return file;
    const needed = required(
      settings,
      'PORT',
      'MAX_CALLS',
      'MAX_CALL_MINUTES',
      'SHUTDOWN_GRACE_SECONDS',
    );
    const { dockerfile_path: dockerfile } = file.cerebrium.runtime.custom;
    const problems = cerebriumProblems(file, {
      port: needed.PORT,
      maxCalls: needed.MAX_CALLS,
      callCapS: needed.MAX_CALL_MINUTES * 60,
      shutdownGraceS: needed.SHUTDOWN_GRACE_SECONDS,
    });
    if (dockerfile && !existsSync(join(directory, dockerfile))) {
      const next = `correct dockerfile_path in ${FILE}`;
      problems.push(failure('dockerfile_path names no file', next));
    }
    return findingOf(problems, 'fits the settings');
  },
};

function readCerebrium(text: string): CerebriumFile | Finding {
  try {
    const parsed = cerebriumSchema.safeParse(parse(text));
    if (parsed.success) return parsed.data;
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    return failure(`${FILE}: ${at} is missing or of another kind`, `correct it in ${FILE}`);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const next = `correct line ${error.line} of ${FILE}`;
    return failure(`${FILE} is no TOML at line ${error.line}`, next);
  }
}
