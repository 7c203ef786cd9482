/**
 * Transitions between the columns, each drawn by the cheapest way past what stands there already.
 * Those to the same state flow into one line, like tracks into a station; each has a stretch of its
 * own, with its causes.
 */
import { type Box, straightened } from './geometry.ts';
import type { Layout, Route } from './layout.ts';
import { gridAround, type Obstacles, obstaclesOf } from './obstacles.ts';
import { gates, joins } from './route-ends.ts';
import { CELL, DIRECTIONS, type Direction } from './route-grid.ts';
import { type LabelledBeginning, labelledBeginnings } from './route-label.ts';
import { type FoundRoute, type GridEnd, searchRoute } from './route-search.ts';
import { slotRows } from './side-slots.ts';
import { labelSize } from './sizes.ts';
import type { ChartEdge, Statechart } from './statechart.ts';

/** In steps: a line leaves towards the other column, unless another side is far better. */
const OTHER_SIDE_COST = 300;

/** All that a line has to go by. */
interface Space {
  chart: Statechart;
  boxes: ReadonlyMap<string, Box>;
  /** All transitions across. */
  edges: readonly ChartEdge[];
  obstacles: Obstacles;
}

/** Undefined: one of them finds no way, or no place for its label. */
export function routesAcross(
  chart: Statechart,
  { boxes, initials, routes }: Layout,
  edges: readonly ChartEdge[],
): Route[] | undefined {
  const spaceWith = (others: Iterable<Route>): Space => {
    const obstacles = obstaclesOf(chart, { boxes, initials, routes: [...routes, ...others] });
    return { chart, boxes, edges, obstacles };
  };
  // Small states have their labels before any line runs past them.
  const begun = new Map<ChartEdge, Begun>();
  for (const edge of edges) {
    const space = spaceWith(begun.values());
    const beginning = isRoomy(space, edge.source) ? undefined : beginnings(space, edge)[0];
    if (beginning) begun.set(edge, beginningOf(edge, beginning));
  }
  const across: Route[] = [];
  for (const edge of edges) {
    const beginning = begun.get(edge)?.beginning;
    begun.delete(edge);
    const space = spaceWith([...across, ...begun.values()]);
    const tracks = across.filter(({ edge: { target } }) => target === edge.target);
    const from = beginning ? [beginning] : beginnings(space, edge);
    const found = routeAcross(edge, space, from, tracks.flatMap(joins));
    if (!found) return undefined;
    across.push({ edge, points: straightened(found.points), label: found.beginning.label });
  }
  return across;
}

/** A line up to behind its label. */
interface Begun extends Route {
  beginning: LabelledBeginning;
}

function beginningOf(edge: ChartEdge, beginning: LabelledBeginning): Begun {
  const { column, row, label, beyond } = beginning;
  return { edge, label, beginning, points: [...beyond, { x: column * CELL, y: row * CELL }] };
}

/** From the state's own slot if it has one, else from anywhere, best towards the other column. */
function beginnings(space: Space, edge: ChartEdge): LabelledBeginning[] {
  const { obstacles } = space;
  const source = boxOf(space, edge.source);
  const grid = gridAround(obstacles, boxOf(space, ''));
  const towards = onwards(space, edge);
  return DIRECTIONS.flatMap((side) => {
    const all = gates(source, side, obstacles);
    const free = side === towards ? inSlot(all, space, edge.source, edge) : all;
    const detour = side === towards ? 0 : OTHER_SIDE_COST;
    return labelledBeginnings(free, labelSize(edge.causes), obstacles, grid).map((beginning) => ({
      ...beginning,
      cost: beginning.cost + detour,
    }));
  }).toSorted((a, b) => a.cost - b.cost);
}

/**
 * To the side that faces the other column, in the slot for arrivals or along another line; only
 * where that cannot be to any side.
 *
 * @param tracks where lines to the same state can be joined
 */
function routeAcross(
  edge: ChartEdge,
  space: Space,
  from: readonly LabelledBeginning[],
  tracks: readonly GridEnd[],
): FoundRoute<LabelledBeginning> | undefined {
  const target = boxOf(space, edge.target);
  const grid = gridAround(space.obstacles, boxOf(space, ''));
  const arrivals = (side: Direction) =>
    gates(target, side, space.obstacles).map((gate) => ({ ...gate, direction: opposite(side) }));
  const facing = arrivals(opposite(onwards(space, edge)));
  const inOwnSlot = inSlot(facing, space, edge.target, undefined);
  return (
    searchRoute(grid, from, [...inOwnSlot, ...tracks]) ??
    searchRoute(grid, from, [...DIRECTIONS.flatMap(arrivals), ...tracks])
  );
}

function opposite(direction: Direction): Direction {
  return ((direction + 2) % 4) as Direction;
}

/** Towards the other column. */
function onwards(space: Space, { source, target }: ChartEdge): Direction {
  return boxOf(space, source).x < boxOf(space, target).x ? 0 : 2;
}

/** The one nearest to the edge's slot; all of them where the state is large. */
function inSlot(
  all: readonly GridEnd[],
  space: Space,
  path: string,
  edge: ChartEdge | undefined,
): readonly GridEnd[] {
  const slot = isRoomy(space, path)
    ? undefined
    : slotRows(path, space.edges, space.boxes).get(edge);
  if (slot === undefined) return all;
  const distance = ({ row }: GridEnd) => Math.abs(row * CELL - slot);
  return all.toSorted((a, b) => distance(a) - distance(b)).slice(0, 1);
}

/** With states within, there is always room at its sides. */
function isRoomy({ chart }: Space, path: string): boolean {
  return chart.states.some(({ parent }) => parent === path);
}

function boxOf({ boxes }: Space, path: string): Box {
  const box = boxes.get(path);
  if (!box) throw new Error(`expected the state ${path} to be placed`);
  return box;
}
