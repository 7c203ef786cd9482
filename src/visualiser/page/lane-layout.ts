/** Where in the picture each lane and each moment is. Pure; px. */
import { LANES, type Lane, type LaneItem } from './lane-items.ts';
import type { TimeRange } from './zoom.ts';

export const LANE_NAMES: Readonly<Record<Lane, string>> = {
  caller: 'Caller',
  agent: 'Agent',
  states: 'State',
  engine: 'Engine',
  tools: 'Tools',
  marks: 'Marks',
  events: 'Events',
};

/** Left of it are the names of the lanes. */
export const GUTTER_PX = 72;
export const AXIS_PX = 26;
const GAP_PX = 9;
/** Right of the last moment. */
const END_PX = 10;
const ROW_PX: Readonly<Record<Lane, readonly number[]>> = {
  caller: [46],
  agent: [20],
  states: [22, 18],
  // As many of them as are needed.
  engine: [12, 12, 12],
  tools: [18],
  marks: [10],
  events: [16],
};
const BETWEEN_ROWS_PX = 2;
/** A point is met from so far away. */
const NEAR_PX = 5;

export interface Box {
  y: number;
  height: number;
}

export interface LaneLayout {
  width: number;
  height: number;
  range: TimeRange;
  lanes: Readonly<Record<Lane, Box>>;
}

export function laneLayout(
  width: number,
  range: TimeRange,
  items: readonly LaneItem[] = [],
): LaneLayout {
  const engine = items.filter(({ lane }) => lane === 'engine');
  const engineRows = 1 + engine.reduce((most, { row }) => Math.max(most, row), 0);
  let y = AXIS_PX + GAP_PX;
  const boxes = LANES.map((lane) => {
    const rows = lane === 'engine' ? ROW_PX.engine.slice(0, engineRows) : ROW_PX[lane];
    const height = rows.reduce((sum, px) => sum + px, (rows.length - 1) * BETWEEN_ROWS_PX);
    const box = { y, height };
    y += height + GAP_PX;
    return [lane, box] as const;
  });
  const lanes = Object.fromEntries(boxes) as Record<Lane, Box>;
  return { width, height: y, range, lanes };
}

/** Room for time. */
export function timeWidth({ width }: Pick<LaneLayout, 'width'>): number {
  return Math.max(50, width - GUTTER_PX - END_PX);
}

export function xOf(layout: LaneLayout, ms: number): number {
  const { fromMs, toMs } = layout.range;
  return GUTTER_PX + ((ms - fromMs) / (toMs - fromMs)) * timeWidth(layout);
}

export function msAt(layout: LaneLayout, x: number): number {
  return layout.range.fromMs + (x - GUTTER_PX) * msPerPx(layout);
}

export function msPerPx(layout: LaneLayout): number {
  return (layout.range.toMs - layout.range.fromMs) / timeWidth(layout);
}

export function rowBox({ lanes }: LaneLayout, { lane, row }: Pick<LaneItem, 'lane' | 'row'>): Box {
  const rows = ROW_PX[lane];
  const above = rows.slice(0, row).reduce((sum, px) => sum + px + BETWEEN_ROWS_PX, 0);
  return { y: lanes[lane].y + above, height: rows[row] ?? 0 };
}

/** The shortest item there, so that a point can be met on the bar that it lies on. */
export function itemAt(
  layout: LaneLayout,
  items: readonly LaneItem[],
  x: number,
  y: number,
): LaneItem | undefined {
  const ms = msAt(layout, x);
  const nearMs = NEAR_PX * msPerPx(layout);
  return items
    .filter((item) => {
      const box = rowBox(layout, item);
      const isInRow = y >= box.y - BETWEEN_ROWS_PX && y <= box.y + box.height + BETWEEN_ROWS_PX;
      return isInRow && ms >= item.fromMs - nearMs && ms <= item.toMs + nearMs;
    })
    .toSorted((a, b) => a.toMs - a.fromMs - (b.toMs - b.fromMs))[0];
}

/** The lane at this height, or the one nearest to it. */
export function laneAt({ lanes }: LaneLayout, y: number): Lane {
  const away = (lane: Lane) => Math.abs(lanes[lane].y + lanes[lane].height / 2 - y);
  return LANES.toSorted((a, b) => away(a) - away(b))[0] ?? 'caller';
}
