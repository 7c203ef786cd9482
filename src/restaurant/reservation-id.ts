import { randomBytes } from 'node:crypto';

/** No i, l, o, u: they are misread, or make words. 32 of them: a byte picks each equally often. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** 50 bits: among a million bookings the next one meets an old one once in a billion. */
const LENGTH = 10;

/** Short, for the model repeats it letter by letter in its calls: `r` and ten letters or digits. */
export function newReservationId(): string {
  return `r${Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % 32]).join('')}`;
}
