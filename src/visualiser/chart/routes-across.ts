/**
 * Transitions between the columns, each drawn by the cheapest way past what stands there already.
 * Those to the same state flow into one line, like tracks into a station, and each keeps a stretch of
 * its own for its causes.
 */
import { type Box, straightened } from './geometry.ts';
import type { Layout, Route } from './layout.ts';
import { gridAround, type Obstacles, obstaclesOf } from './obstacles.ts';
import { gates, joins } from './route-ends.ts';
import type { Direction } from './route-grid.ts';
import { labelPlace } from './route-label.ts';
import { type GridBeginning, type GridEnd, searchRoute } from './route-search.ts';
import { labelSize } from './sizes.ts';
import type { ChartEdge, Statechart } from './statechart.ts';

const SIDES: readonly Direction[] = [0, 1, 2, 3];
/** In steps: a line leaves towards the other column, unless another side is far better. */
const OTHER_SIDE_COST = 20;

/** @throws {Error} where there is no way, or no place for a label: the columns stand too close */
export function routesAcross(
  chart: Statechart,
  layout: Layout,
  edges: readonly ChartEdge[],
): Route[] {
  const across: Route[] = [];
  for (const edge of edges) {
    const obstacles = obstaclesOf(chart, layout, [...layout.routes, ...across]);
    const tracks = across.filter(({ edge: { target } }) => target === edge.target);
    across.push(routeAcross(edge, layout, tracks, obstacles));
  }
  return across;
}

/** @param tracks to the same state */
function routeAcross(
  edge: ChartEdge,
  { boxes }: Layout,
  tracks: readonly Route[],
  obstacles: Obstacles,
): Route {
  const [plane, source, target] = [boxes.get(''), boxes.get(edge.source), boxes.get(edge.target)];
  if (!plane || !source || !target) throw new Error(`expected boxes of ${edge.source}, ${edge.target}`);
  const [onwards, back]: [Direction, Direction] = source.x < target.x ? [0, 2] : [2, 0];
  const beginnings = SIDES.flatMap((side): GridBeginning[] =>
    gates(source, side, obstacles).map((gate) => ({
      ...gate,
      cost: side === onwards ? 0 : OTHER_SIDE_COST,
    })),
  );
  const arrivals = gates(target, back, obstacles).map((gate): GridEnd => ({ ...gate, direction: onwards }));
  const ends = [...arrivals, ...tracks.flatMap(joins)];
  const found = searchRoute(gridAround(obstacles, plane), beginnings, ends);
  if (!found) throw new Error(`expected a way from ${edge.source} to ${edge.target}, found none`);
  const label = labelPlace(straightened(found.own), labelSize(edge.causes), obstacles);
  if (!label) { console.error(`expected a place for ${edge.causes.join()} on ${edge.source} to ${edge.target}`); }
  return { edge, points: straightened([...found.own, ...found.beyond]), label: label ?? {x:0,y:0,width:1,height:1} };
}
