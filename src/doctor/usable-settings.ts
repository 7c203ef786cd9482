/** The settings that are right, though others may be wrong: one mistake does not hide all others. */
import type { z } from 'zod';
import { settings } from '../config/settings.ts';

type Settings = z.infer<typeof settings>;
export type SettingName = keyof Settings;
export type UsableSettings = Readonly<Partial<Settings>>;

/** Defaults included; what is missing or malformed is left out. */
export function usableSettings(env: Readonly<Record<string, string | undefined>>): UsableSettings {
  const usable = Object.entries(settings.shape).flatMap(([name, schema]) => {
    const given = env[name]?.trim() === '' ? undefined : env[name];
    const parsed = schema.safeParse(given);
    return parsed.success && parsed.data !== undefined ? [[name, parsed.data]] : [];
  });
  return Object.fromEntries(usable);
}

/** A check cannot be made without these. */
export class MissingSettingError extends Error {
  override name = 'MissingSettingError';
  readonly kind = 'missing';

  constructor(names: readonly string[]) {
    super(`needs ${names.join(' and ')}`);
  }
}

/** @throws {MissingSettingError} */
export function required<const Name extends SettingName>(
  usable: UsableSettings,
  ...names: readonly Name[]
): { readonly [Key in Name]: NonNullable<Settings[Key]> } {
  const missing = names.filter((name) => usable[name] === undefined);
  if (missing.length > 0) throw new MissingSettingError(missing);
  return usable as { readonly [Key in Name]: NonNullable<Settings[Key]> };
}
