/** What part of a call is in view. Pure: ms from the call's beginning. */

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Nearer than this there is nothing more to see. */
const SHORTEST_MS = 200;
/** Between two labels of the axis. */
const LABEL_PX = 84;
const STEPS_MS = [
  10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];

/** The whole call. */
export function fit(endMs: number): TimeRange {
  return { fromMs: 0, toMs: Math.max(endMs, SHORTEST_MS) };
}

/** @param factor below 1 comes nearer; the moment `aroundMs` stays where it is in view */
export function zoomed(
  range: TimeRange,
  factor: number,
  aroundMs: number,
  endMs: number,
): TimeRange {
  const whole = fit(endMs);
  const length = range.toMs - range.fromMs;
  const wanted = Math.min(whole.toMs, Math.max(SHORTEST_MS, length * factor));
  const share = (aroundMs - range.fromMs) / length;
  return within(
    { fromMs: aroundMs - share * wanted, toMs: aroundMs + (1 - share) * wanted },
    endMs,
  );
}

export function moved(range: TimeRange, byMs: number, endMs: number): TimeRange {
  return within({ fromMs: range.fromMs + byMs, toMs: range.toMs + byMs }, endMs);
}

/** Nearer to this span, with something of what is around it. */
export function focusedOn(span: TimeRange, endMs: number): TimeRange {
  const marginMs = Math.max(800, (span.toMs - span.fromMs) * 0.35);
  return within({ fromMs: span.fromMs - marginMs, toMs: span.toMs + marginMs }, endMs);
}

/** The same length of time, moved as little as is needed for the moment to be in view. */
export function including(range: TimeRange, atMs: number, endMs: number): TimeRange {
  const marginMs = (range.toMs - range.fromMs) * 0.08;
  if (atMs < range.fromMs + marginMs) return moved(range, atMs - marginMs - range.fromMs, endMs);
  if (atMs > range.toMs - marginMs) return moved(range, atMs + marginMs - range.toMs, endMs);
  return range;
}

export interface AxisTick {
  atMs: number;
  label: string;
}

/** Round moments, as many as can be read. */
export function axisTicks({ fromMs, toMs }: TimeRange, widthPx: number): AxisTick[] {
  const most = Math.max(1, Math.floor(widthPx / LABEL_PX));
  const step = STEPS_MS.find((ms) => (toMs - fromMs) / ms <= most) ?? STEPS_MS.at(-1) ?? 1000;
  const ticks: AxisTick[] = [];
  const first = Math.ceil(fromMs / step);
  const last = Math.min(Math.floor(toMs / step), first + most);
  for (let i = first; i <= last; i++) ticks.push({ atMs: i * step, label: label(i * step, step) });
  return ticks;
}

/** No longer than the call, and neither before nor after it. */
function within({ fromMs, toMs }: TimeRange, endMs: number): TimeRange {
  const whole = fit(endMs);
  const length = Math.min(Math.max(toMs - fromMs, SHORTEST_MS), whole.toMs);
  const from = Math.min(Math.max(0, fromMs), whole.toMs - length);
  return { fromMs: from, toMs: from + length };
}

/** With as many decimals as the step has. */
function label(ms: number, stepMs: number): string {
  const seconds = Math.floor(ms / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  if (stepMs >= 1000) return clock;
  const digits = stepMs >= 100 ? 1 : 2;
  const decimals = String(Math.round(ms % 1000)).padStart(3, '0');
  return `${clock}.${decimals.slice(0, digits)}`;
}
