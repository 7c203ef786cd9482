/** What was said, as viewers may read it: of bounded length, and without phone numbers. */

const LONGEST = 2000;
/** Of each part of what a tool was asked and answered. */
const LONGEST_PART = 600;

/** @param text Null: not written down yet. */
export function feedText(speaker: 'caller' | 'agent' | 'tool', text: string | null): string | null {
  if (text === null) return null;
  if (speaker !== 'tool' || text.length <= LONGEST) return cut(withoutNumbers(text), LONGEST);
  // Still JSON when it is shorter.
  const parts = JSON.parse(text) as Record<string, unknown>;
  const short = Object.entries(parts).map(([name, part]) => {
    return [name, typeof part === 'string' ? cut(withoutNumbers(part), LONGEST_PART) : part];
  });
  return cut(JSON.stringify(Object.fromEntries(short)), LONGEST * 2);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}

/** Seven digits and more, however they are grouped; a date such as 2026-12-24 is none. */
function withoutNumbers(text: string): string {
  return text.replace(NUMBER, '…');
}

const NUMBER = /(?<![\d-])\+?(?!\d{4}-\d\d-\d\d)\d(?:[ ().-]{0,2}\d){6,}/g;
