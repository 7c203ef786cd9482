/** Whole days, as the viewer counts them. Pure. */

export interface Period {
  /** The first and the last day, such as `2026-11-30`. */
  from: string;
  to: string;
}

const DAY_MS = 86_400_000;
/** The server reads no more. */
const MAX_DAYS = 400;

/** So many days, up to the one of this moment. */
export function periodBack(days: number, now: Date): Period {
  const to = [now.getFullYear(), now.getMonth() + 1, now.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  const from = new Date(Date.parse(to) - (days - 1) * DAY_MS).toISOString().slice(0, 10);
  return { from, to };
}

/** Undefined where it can be looked at. */
export function periodProblem({ from, to }: Period): string | undefined {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (Number.isNaN(days)) return 'Choose two days.';
  if (days < 1) return 'The first day comes after the last.';
  if (days > MAX_DAYS) return `At most ${MAX_DAYS} days, these are ${days}.`;
  return undefined;
}

/** In an address: `2026-10-27..2026-11-25`; undefined where it is none. */
export function periodOf(argument: string): Period | undefined {
  const [, from = '', to = ''] = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(argument) ?? [];
  return periodProblem({ from, to }) === undefined ? { from, to } : undefined;
}
