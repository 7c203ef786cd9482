import type { Finding } from './finding.ts';
import type { UsableSettings } from './usable-settings.ts';

/** One question to the world, and who can answer it. */
export interface Check {
  /** As the table shows it. */
  readonly name: string;
  /** What to do when nothing answers in time, or in a way that the check does not know. */
  readonly remedy: string;
  /** Whatever it throws is a failure, but for `MissingSettingError`: then it is skipped. */
  run(context: CheckContext, signal: AbortSignal): Promise<Finding>;
}

export interface CheckContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Those of the environment that are as they should be. */
  readonly settings: UsableSettings;
  /** Where `cerebrium.toml` is, if there is one. */
  readonly directory: string;
  /** Of this process, such as `24.12.0`. */
  readonly nodeVersion: string;
  /** The telephone number that is meant, where the account has several; E.164. */
  readonly number: string | undefined;
}
