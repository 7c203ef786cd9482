import { readFileSync } from 'node:fs';

/** Of this program, as its package names it; stands in every call's record. */
export const PROGRAM_VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;
