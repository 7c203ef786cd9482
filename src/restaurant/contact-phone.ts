/** Phone numbers as data about a guest. Nothing here is ever dialled. */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { defaultDestination, type Profile } from './profile.ts';

/**
 * E.164 where the number makes sense in the restaurant's country, else its digits, of which there
 * are 3 to 15; undefined otherwise. The country is that of the restaurant's staff.
 */
export function contactPhone(said: string, profile: Profile): string | undefined {
  const text = said.slice(0, MAX_CHARACTERS);
  const callingCode = restaurantCallingCode(profile);
  const parsed = parsePhoneNumberFromString(
    text,
    callingCode === undefined ? undefined : { defaultCallingCode: callingCode },
  );
  if (parsed?.isPossible() && E164.test(parsed.number)) return parsed.number;
  const digits = text.replace(/\D/g, '');
  return digits.length >= 3 && digits.length <= 15 ? digits : undefined;
}

/** What the caller gave, else the caller's own number. Undefined: what was given is no number, or none is known. */
export function guestPhone(
  said: string | undefined,
  call: { profile: Profile; callerPhone: string | undefined },
): string | undefined {
  return said === undefined ? call.callerPhone : contactPhone(said, call.profile);
}

/** The caller's own number; undefined when it is withheld: then Twilio gives a word, or a stand-in. */
export function knownCaller(from: string | undefined): string | undefined {
  return from !== undefined && E164.test(from) && !STAND_INS.has(from) ? from : undefined;
}

const MAX_CHARACTERS = 60;
const E164 = /^\+[1-9]\d{6,14}$/;
/** Twilio's keypad spellings of ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN, BLOCKED, PRIVATE. */
const STAND_INS: ReadonlySet<string> = new Set([
  '+266696687',
  '+7378742833',
  '+86282452253',
  '+8656696',
  '+2562533',
  '+7748283',
]);

function restaurantCallingCode(profile: Profile): string | undefined {
  const destination = defaultDestination(profile);
  const number = destination === undefined ? undefined : profile.staff[destination]?.number;
  return number === undefined ? undefined : parsePhoneNumberFromString(number)?.countryCallingCode;
}
