/** Which of the requests that the engine works on gives its place to one that has to wait. Pure. */
import { type Entry, RANK } from './queue-entry.ts';

export interface Fullness {
  /** All slots are taken. */
  isSlotFull: boolean;
  /** No more replies may be under way. */
  isFull: boolean;
}

/**
 * Nobody hears anything yet of a speculative reply, nor of background work. The least important gives
 * way first, of these the one that was begun last, as the least is lost with it. Where the slot is
 * taken, whoever holds it comes before those whose leaving would only help later.
 */
export function givesWayTo(
  entry: Entry,
  open: Iterable<Entry>,
  { isSlotFull, isFull }: Fullness,
): Entry | undefined {
  let best: Entry | undefined;
  for (const other of open) {
    const helpsNow = !isSlotFull || other.stage === 'slot';
    if (!(isSlotFull && helpsNow) && !isFull) continue;
    if (!mayGiveWay(entry, other)) continue;
    if (!best || loss(other, isSlotFull) <= loss(best, isSlotFull)) best = other;
  }
  return best;
}

function mayGiveWay(entry: Entry, other: Entry): boolean {
  if (RANK[other.priority] >= RANK[entry.priority]) return false;
  // What was shown of background work would be shown twice; a prepared reply is only held.
  return other.priority === 'speculative' || other.buffer.isUntouched;
}

/** `open` is in the order of starting: of equals the later one is taken. */
function loss(entry: Entry, isSlotFull: boolean): number {
  const isLater = isSlotFull && entry.stage !== 'slot';
  return RANK[entry.priority] + (isLater ? HIGHEST : 0);
}

const HIGHEST = 1 + Math.max(...Object.values(RANK));
