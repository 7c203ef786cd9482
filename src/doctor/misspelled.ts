/** Names in the environment that were probably meant as settings, and are none. */
import { settings } from '../config/settings.ts';
import { nearestWord } from '../restaurant/nearest-word.ts';

/** Single fields of the restaurant's profile (docs/restaurant.md). */
const OVERRIDES = [
  'RESTAURANT_NAME',
  'RESTAURANT_ADDRESS',
  'RESTAURANT_TIME_ZONE',
  'RESTAURANT_HOURS',
  'RESTAURANT_LANGUAGE',
  'RESTAURANT_GREETING',
  'RESTAURANT_STAFF_PHONE',
];
const KNOWN = [...Object.keys(settings.shape), ...OVERRIDES];

/** What begins so is meant for us, near a setting or not. */
const OURS = /^(ULTRAVOX|RETENTION|OUTBOUND|BOOKING_WEBHOOK)_/;
/** `RESTAURANT__...` is checked with the profile. A shell sets shorter names, such as VISUAL. */
const CANDIDATE = /^(?!RESTAURANT__)[A-Z][A-Z0-9_]{7,63}$/;
const MOST = 20;

export interface Misspelling {
  name: string;
  meant: string | undefined;
}

/** 20 at most. Values are not looked at. */
export function misspelledSettings(
  env: Readonly<Record<string, string | undefined>>,
): Misspelling[] {
  return Object.keys(env)
    .filter((name) => CANDIDATE.test(name) && !KNOWN.includes(name))
    .map((name) => ({ name, meant: nearestWord(name, KNOWN) }))
    .filter(({ name, meant }) => meant !== undefined || OURS.test(name))
    .slice(0, MOST);
}
