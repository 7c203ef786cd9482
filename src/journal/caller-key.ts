import { createHmac } from 'node:crypto';

/**
 * Finds a caller's records again without holding the number: HMAC-SHA256 of the number, base64url.
 * Without the secret the numbers, few as they are, cannot be tried out; with another secret the
 * earlier records are not found.
 * @returns undefined for a caller without a number (withheld, a SIP address, a browser).
 */
export function callerKey(number: string, secret: string): string | undefined {
  const normal = callerNumber(number);
  return normal && createHmac('sha256', secret).update(normal).digest('base64url');
}

/** The last four digits, by which a person recognises a number. */
export function last4(number: string): string | undefined {
  return callerNumber(number)?.slice(-4);
}

/**
 * The number as E.164 (`+4930123456`), however it was punctuated. National numbers are none: nobody
 * could say whose country is meant.
 */
export function callerNumber(number: string): string | undefined {
  const digits = number
    .trim()
    .replace(/[\s\-()./]/g, '')
    .replace(/^(?:\+|00)/, '');
  if (!/^[1-9]\d{6,14}$/.test(digits) || WITHHELD.has(digits)) return undefined;
  return `+${digits}`;
}

/**
 * What Twilio gives for a withheld number beside the words: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN,
 * UNAVAILABLE and PRIVATE on a telephone's keys. They would make one caller of all who withhold theirs.
 */
const WITHHELD = new Set([
  '266696687',
  '7378742833',
  '2562533',
  '8656696',
  '86282452253',
  '7748283',
]);
