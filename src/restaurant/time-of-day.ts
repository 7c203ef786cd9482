/**
 * `HH:MM` from a time as a model may write it: `19:30`, `19.30`, `19h30`, `1930`, `7:30 pm`, `7pm`,
 * `noon`. Undefined for what could be morning or evening (`7:30`), and for anything else.
 */
export function timeOfDay(said: string | number): string | undefined {
  const text = String(said).trim().toLowerCase();
  if (text === 'noon') return '12:00';
  const match = TIME.exec(text);
  // A number such as 19.3 has lost its last zero, or never had one.
  if (!match || (typeof said === 'number' && !Number.isInteger(said))) return undefined;
  const [, hours = '', minutes = '00', half] = match;
  const hour = half ? hourOfHalf(Number(hours), half) : Number(hours);
  // "07:30" was written with 24 hours in mind; "7:30" was heard.
  const isAmbiguous = !half && hours.length < 2;
  if (isAmbiguous || !(hour <= 23) || Number(minutes) > 59) return undefined;
  return `${String(hour).padStart(2, '0')}:${minutes}`;
}

/** Seconds are allowed when they are zero. */
const TIME = /^(\d{1,2})(?:(?:[:.h]?(\d{2})|h)(?::00)?)?\s{0,3}(?:([ap])\.?\s?m\.?)?$/;

/** @param half `a` or `p` */
function hourOfHalf(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (half === 'p' ? 12 : 0);
}
