/** `0:07.482`: a moment of a call to the millisecond. */
export function exactTime(ms: number): string {
  const whole = Math.round(Math.abs(ms));
  const seconds = Math.floor(whole / 1000);
  const clock = `${Math.floor(seconds / 60)}:${pad(seconds % 60, 2)}.${pad(whole % 1000, 3)}`;
  return ms < 0 && whole > 0 ? `−${clock}` : clock;
}

/** `0:07.482 to 0:08.030 (548 ms)` */
export function exactSpan(fromMs: number, toMs: number): string {
  const length = Math.round(toMs - fromMs);
  const told = length < 1000 ? `${length} ms` : `${(length / 1000).toFixed(2)} s`;
  return `${exactTime(fromMs)} to ${exactTime(toMs)} (${told})`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
