/** The cheapest way through a grid: short, with few bends and few crossings. */
import { Frontier } from './frontier.ts';
import type { Point } from './geometry.ts';
import { CELL, DIRECTIONS, type Direction, type RouteGrid, STEPS } from './route-grid.ts';

/** A point of the grid that a line reaches or leaves in this direction. */
export interface GridPlace {
  column: number;
  row: number;
  direction: Direction;
}

/** Where a line may end. */
export interface GridEnd extends GridPlace {
  /**
   * The part of the line beyond the grid's point: up to a border, or along a line that it joins.
   */
  beyond: readonly Point[];
}

/** Where a line may begin. */
export interface GridBeginning extends GridEnd {
  /** In steps, of what comes before. */
  cost: number;
}

export interface FoundRoute<Beginning> {
  beginning: Beginning;
  points: Point[];
}

/** In steps. */
const BEND_COST = 14;

/** Best-first search (A*). Undefined: there is no way. */
export function searchRoute<Beginning extends GridBeginning>(
  grid: RouteGrid,
  beginnings: readonly Beginning[],
  ends: readonly GridEnd[],
): FoundRoute<Beginning> | undefined {
  const stateOf = ({ column, row, direction }: GridPlace) =>
    (row * grid.columns + column) * DIRECTIONS.length + direction;
  const starts = new Map(beginnings.map((beginning) => [stateOf(beginning), beginning]));
  const goals = new Map(ends.map((end) => [stateOf(end), end]));
  const remaining = leastSteps(ends);
  const frontier = new Frontier(grid.columns * grid.rows * DIRECTIONS.length);
  for (const [state, { cost, column, row }] of starts) {
    frontier.reach(state, cost, -1, remaining(column, row));
  }
  for (let state = frontier.next(); state !== undefined; state = frontier.next()) {
    const end = goals.get(state);
    if (end) {
      const way = frontier.wayTo(state);
      const beginning = starts.get(way[0] ?? state);
      const onGrid = way.map((at) => pointOf(at, grid));
      if (beginning) return { beginning, points: [...beginning.beyond, ...onGrid, ...end.beyond] };
    }
    expand(grid, frontier, state, remaining);
  }
  return undefined;
}

/** Reaches the points around, after a turn if need be; never back to where the line came from. */
function expand(
  grid: RouteGrid,
  frontier: Frontier,
  state: number,
  remaining: (column: number, row: number) => number,
): void {
  const current = state % DIRECTIONS.length;
  const point = (state - current) / DIRECTIONS.length;
  const column = point % grid.columns;
  const row = (point - column) / grid.columns;
  const cost = frontier.costOf(state);
  for (const direction of DIRECTIONS) {
    if ((current + 2) % 4 === direction || !grid.isOpen(column, row, direction)) continue;
    const [x, y] = [column + STEPS[direction].x, row + STEPS[direction].y];
    if (!grid.isOpen(x, y, direction)) continue;
    const step = grid.costOf(x, y, direction) + (current === direction ? 0 : BEND_COST);
    const next = (y * grid.columns + x) * DIRECTIONS.length + direction;
    frontier.reach(next, cost + step, state, remaining(x, y));
  }
}

/** To the box around all ends: no way to any of them is shorter. */
function leastSteps(ends: readonly GridEnd[]): (column: number, row: number) => number {
  const columns = ends.map(({ column }) => column);
  const rows = ends.map(({ row }) => row);
  const [left, right] = [Math.min(...columns), Math.max(...columns)];
  const [top, bottom] = [Math.min(...rows), Math.max(...rows)];
  return (column, row) =>
    Math.max(left - column, column - right, 0) + Math.max(top - row, row - bottom, 0);
}

function pointOf(state: number, { columns }: RouteGrid): Point {
  const point = Math.floor(state / DIRECTIONS.length);
  return { x: (point % columns) * CELL, y: Math.floor(point / columns) * CELL };
}
