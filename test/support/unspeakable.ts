import { AFTER_LEAK } from './hostile-text.ts';
import { KITCHEN, MANAGER } from './open-desk.ts';

const SIGNS: Readonly<Record<string, RegExp>> = {
  'a sign of markup, code or JSON': /[{}<>|`[\]\\*_#~^]/,
  'a control character': /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u,
  'an emoji': /\p{Extended_Pictographic}|\u{20e3}|\u{fe0f}/u,
  'a link': /:\/\/|\bwww\./i,
  'a key of JSON': /"\w+"\s*:/,
  'an attribute of a tag': /\b[a-z]\w*=["']/i,
  'what stood in a tag': /\b(?:break|prosody)\b/,
  'a call with arguments': /\w\s?\(\s*[a-z]\w*\s*=|\w\(["']/i,
  'a special token': /python.?tag|eot.?id|eom.?id/i,
  'a tool by its name': /(?:hold|confirm|cancel|change|find)(?:table|booking)\b/i,
  'words after a tool call': new RegExp(AFTER_LEAK),
};
const STAFF = [MANAGER, KITCHEN].map((number) => number.slice(-8));

/**
 * What of this must not be said, if anything.
 *
 * @param pieces of one reply, as they were given to the voice
 */
export function unspeakable(pieces: readonly string[]): string | undefined {
  for (const text of [...pieces, pieces.join('')]) {
    const found = Object.entries(SIGNS).find(([, sign]) => sign.test(text));
    if (found) return `${found[0]}: ${text}`;
    const digits = text.replace(/\D/g, '');
    if (STAFF.some((number) => digits.includes(number))) return 'a number of the staff';
  }
  return undefined;
}
