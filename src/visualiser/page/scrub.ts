/** Going through the moments of a finished call: by step, and at some speed. Pure. */

/** The call machine after one event. */
export interface Moment {
  seq: number;
  /** ms since 1970 */
  at: number;
  event: string;
  path: string;
  /** Null: not known. */
  context: Readonly<Record<string, unknown>> | null;
}

export interface MomentsJson {
  moments: readonly Moment[];
  /** Why there are none, or where the records part from what the machine does. */
  problem: string | null;
}

/** Where one is: the moment that is shown, and the time that has passed since. */
export interface ScrubPosition {
  index: number;
  /** ms since 1970; not before the moment's own and before the next one's. */
  at: number;
}

export const SPEEDS = [1, 2, 5, 20] as const;
/** A gap that is skipped is left with so much before its next moment. */
const LEAD_MS = 400;
/** No shorter gap is worth a jump. */
const GAP_MS = 1500;

/** @returns the last moment that has come by then; the first where none has */
export function positionAt(moments: readonly Moment[], at: number): ScrubPosition {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.at ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  const index = Math.max(0, low - 1);
  return { index, at: Math.max(at, moments[index]?.at ?? at) };
}

/** So many moments on, or back; never beyond the ends. */
export function stepped(
  moments: readonly Moment[],
  { index }: ScrubPosition,
  by: number,
): ScrubPosition {
  const next = Math.min(Math.max(0, index + by), Math.max(0, moments.length - 1));
  return { index: next, at: moments[next]?.at ?? 0 };
}

/** Where playing is after so much time of the viewer's; at the last moment it stays. */
export function advanced(
  moments: readonly Moment[],
  position: ScrubPosition,
  elapsedMs: number,
  { speed, skipsGaps }: { speed: number; skipsGaps: boolean },
): ScrubPosition {
  const lastAt = moments.at(-1)?.at ?? position.at;
  let at = position.at + elapsedMs * speed;
  const nextAt = moments[position.index + 1]?.at;
  if (skipsGaps && nextAt !== undefined && nextAt - at > GAP_MS * Math.max(1, speed / 2)) {
    at = nextAt - LEAD_MS * Math.max(1, speed / 2);
  }
  return positionAt(moments, Math.min(at, lastAt));
}

/** The seq that an address names, or the nearest moment before it. */
export function positionOfSeq(moments: readonly Moment[], seq: number): ScrubPosition {
  const after = moments.findIndex((moment) => moment.seq > seq);
  const index = Math.max(0, (after < 0 ? moments.length : after) - 1);
  return { index, at: moments[index]?.at ?? 0 };
}

/** So many on each side of the moment, as [from, to): more than that is not drawn. */
export function around(index: number, count: number, length: number): [number, number] {
  const from = Math.max(0, Math.min(index - Math.floor(count / 2), length - count));
  return [from, Math.min(length, from + count)];
}
