/** A value as an error message may repeat it: cut, and phone numbers but for their last two digits. */
export function shownValue(path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  const text = maskPhones(JSON.stringify(value), mayBePhone(path));
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** @param all Mask whatever has digits; otherwise what is long enough for a phone number. */
export function maskPhones(text: string, all = false): string {
  return text.replace(/[\d+(][\d ()/.+-]*\d|\d/g, (run) => {
    const digits = run.replace(/\D/g, '').length;
    if (!all && (digits < FEWEST_DIGITS || DATE.test(run))) return run;
    let left = digits;
    return run.replace(/\d/g, (digit) => {
      left -= 1;
      return left < 2 ? digit : '*';
    });
  });
}

const LONGEST = 60;
/** Seven digits are the shortest numbers that can be dialled from abroad. */
const FEWEST_DIGITS = 7;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}$/;

/** Whatever is written under `staff` may be a number in the wrong place; times there are none. */
function mayBePhone(path: readonly PropertyKey[]): boolean {
  return path[0] === 'staff' && !path.includes('hours');
}
