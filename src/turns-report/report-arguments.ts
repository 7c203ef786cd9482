import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

export interface TurnsArguments {
  /** Of the recordings; undefined: the usual one. */
  folder: string | undefined;
  /** Such as `endpointing.finishMs.open=600`. */
  settings: string[];
}

/** @throws {UsageError} that says what can be given */
export function readTurnsArguments(args: string[]): TurnsArguments {
  try {
    const options = {
      folder: { type: 'string' },
      set: { type: 'string', multiple: true },
    } as const;
    const { values } = parseArgs({ args, options });
    const settings = values.set ?? [];
    const other = settings.find((setting) => !setting.startsWith('endpointing.'));
    if (other !== undefined) {
      throw new UsageError(`--set: expected endpointing.NAME=VALUE, got "${other}"`);
    }
    return { folder: values.folder, settings };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw new UsageError(`expected [--folder DIR] [--set endpointing.NAME=VALUE]...: ${said}`);
  }
}
