import { ConfigError, loadConfig } from '../../config.ts';
import type { Check } from '../check.ts';
import { failure, findingOf, type Problem, warning } from '../finding.ts';
import { misspelledSettings } from '../misspelled.ts';

export const environment: Check = {
  name: 'Environment',
  remedy: 'docs/operations.md lists the settings',
  run: async ({ env, settings }) => {
    const problems = [...wrongSettings(env), ...misspellings(env)];
    return findingOf(problems, `${Object.keys(settings).length} settings are as expected`);
  },
};

function wrongSettings(env: Readonly<Record<string, string | undefined>>): Problem[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => failure(problem, `set ${problem.split(':')[0]}`));
  }
}

function misspellings(env: Readonly<Record<string, string | undefined>>): Problem[] {
  return misspelledSettings(env).map(({ name, meant }) =>
    warning(
      `${name} is no setting${meant ? `; ${meant} is` : ''}`,
      meant ? `rename ${name} to ${meant}, or unset it` : `unset ${name}`,
    ),
  );
}
