/** Whom we may call: an open telephone is money for whoever owns an expensive number. */
import { type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/**
 * - `malformed`: not E.164, or not exactly as its country writes it.
 * - `unassigned`: no country has such numbers.
 * - `country`: not one of those that are allowed.
 * - `kind`: premium rate, shared cost, a service, or nobody knows what it costs.
 */
export type DestinationProblem = 'malformed' | 'unassigned' | 'country' | 'kind';

export type DestinationVerdict =
  | { allowed: true }
  /** `expected` and `came` are for people and hold no number. */
  | { allowed: false; problem: DestinationProblem; expected: string; came: string };

/**
 * The country is that of the number, not of its prefix: +1 is shared by 25 countries, some of which
 * are dear to call, and +44 by four.
 * @param to E.164, such as +4930123456
 * @param countries ISO 3166 codes, such as DE
 */
export function checkDestination(to: string, countries: readonly string[]): DestinationVerdict {
  if (!E164.test(to)) return refused('malformed', E164_EXPECTED, 'something else');
  const number = parsePhoneNumberFromString(to);
  // A number that is only meant, such as one with a trunk zero within, is not called.
  if (number?.number !== to) return refused('malformed', E164_EXPECTED, 'one in another form');
  if (!number.isValid()) {
    return refused('unassigned', 'a number that can exist', 'one that no country has');
  }
  const { country } = number;
  if (!country || !countries.includes(country)) {
    const expected = `a number of ${countries.join(', ') || 'no country'}`;
    return refused('country', expected, country ? `one of ${country}` : 'one of no country');
  }
  const kind = number.getType();
  if (!kind || !ORDINARY.has(kind)) {
    const came = `one of the kind ${kind?.toLowerCase().replaceAll('_', ' ') ?? 'unknown'}`;
    return refused('kind', 'an ordinary landline or mobile number', came);
  }
  return { allowed: true };
}

const E164 = /^\+[1-9]\d{6,14}$/;
const E164_EXPECTED = 'a phone number in E.164 form, such as +15551234567';

const ORDINARY: ReadonlySet<NumberType> = new Set([
  'FIXED_LINE',
  'MOBILE',
  'FIXED_LINE_OR_MOBILE',
  'VOIP',
]);

function refused(problem: DestinationProblem, expected: string, came: string): DestinationVerdict {
  return { allowed: false, problem, expected, came };
}
