/** From one item of the lanes to the next, for whoever uses keys. Pure. */
import { LANES, type Lane, type LaneItem } from './lane-items.ts';

export interface LaneCursor {
  lane: Lane;
  /** Undefined: nothing has been come to yet, or there is nothing. */
  item: LaneItem | undefined;
}

/** Along the lane; at its ends one stays. */
export function along(
  items: readonly LaneItem[],
  { lane, item }: LaneCursor,
  by: 1 | -1,
): LaneCursor {
  const there = items.filter((other) => other.lane === lane);
  const at = item ? there.indexOf(item) : -1;
  const next = at < 0 ? 0 : Math.min(Math.max(0, at + by), there.length - 1);
  return { lane, item: there[next] };
}

/** To what is nearest in time in the lane above or below. */
export function across(
  items: readonly LaneItem[],
  { lane }: LaneCursor,
  by: 1 | -1,
  nearMs: number,
): LaneCursor {
  const index = Math.min(Math.max(0, LANES.indexOf(lane) + by), LANES.length - 1);
  const next = LANES[index] ?? lane;
  const away = (item: LaneItem) => Math.abs(item.fromMs - nearMs);
  const there = items.filter((item) => item.lane === next);
  return { lane: next, item: there.toSorted((a, b) => away(a) - away(b))[0] };
}

/** The same one among items that were made anew. */
export function found(items: readonly LaneItem[], { lane, item }: LaneCursor): LaneCursor {
  const again = items.find(
    (other) =>
      other.lane === item?.lane &&
      other.row === item.row &&
      other.fromMs === item.fromMs &&
      other.kind === item.kind,
  );
  return { lane, item: again };
}
