/** The cheapest way through a grid: short, with few bends and few crossings. */
import type { Point } from './geometry.ts';
import { CELL, type Direction, type RouteGrid, STEPS } from './route-grid.ts';

/** Where a line may begin or end. */
export interface GridEnd {
  column: number;
  row: number;
  /** In which the line leaves its beginning, or reaches its end. */
  direction: Direction;
  /** The part of the line beyond the grid's point: up to a border, or along a line that it joins. */
  beyond: readonly Point[];
}

export interface GridBeginning extends GridEnd {
  /** In steps, for a beginning that is worse than others. */
  cost: number;
}

export interface FoundRoute {
  /** From the border to the end on the grid. */
  own: Point[];
  beyond: readonly Point[];
}

/** In steps. */
const BEND_COST = 14;
const UNREACHED = 2 ** 32 - 1;
const DIRECTIONS: readonly Direction[] = [0, 1, 2, 3];

/**
 * Dijkstra's search, with a bucket for each cost in place of a heap: costs are small whole numbers.
 *
 * @returns undefined: there is no way
 */
export function searchRoute(
  grid: RouteGrid,
  beginnings: readonly GridBeginning[],
  ends: readonly GridEnd[],
): FoundRoute | undefined {
  const stateOf = ({ column, row, direction }: Omit<GridEnd, 'beyond'>) =>
    (row * grid.columns + column) * DIRECTIONS.length + direction;
  const placeOf = (state: number): Place => {
    const point = Math.floor(state / DIRECTIONS.length);
    const [column, row] = [point % grid.columns, Math.floor(point / grid.columns)];
    return { column, row, direction: (state % DIRECTIONS.length) as Direction };
  };
  const goals = new Map(ends.map((end) => [stateOf(end), end]));
  const starts = new Map(beginnings.map((beginning) => [stateOf(beginning), beginning]));
  const size = grid.columns * grid.rows * DIRECTIONS.length;
  const before = new Int32Array(size);
  const costs = new Uint32Array(size).fill(UNREACHED);
  const buckets: number[][] = [];
  const reach = (state: number, cost: number, from: number) => {
    if (cost >= (costs[state] ?? 0)) return;
    costs[state] = cost;
    before[state] = from;
    buckets[cost] ??= [];
    buckets[cost].push(state);
  };
  for (const beginning of beginnings) reach(stateOf(beginning), beginning.cost, -1);
  for (let cost = 0; cost < buckets.length; cost++) {
    for (const state of buckets[cost] ?? []) {
      if (costs[state] !== cost) continue;
      const end = goals.get(state);
      if (end) {
        const states = statesTo(state, before);
        return { way: states.map(placeOf), beginning: starts.get(states[0]), end };
      }
      const place = placeOf(state);
      for (const next of neighbours(grid, place)) reach(stateOf(next), cost + next.cost, state);
    }
  }
  return undefined;
}
