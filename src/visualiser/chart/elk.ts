/** A column of states laid out by ELK. The only file that loads it: it is no part of the server. */
import ELK from 'elkjs/lib/elk.bundled.js';
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { addElkEdges } from './elk-edges.ts';
import { elkNodes, type Facing } from './elk-nodes.ts';
import { type Box, type Point, rounded, shifted, straightened } from './geometry.ts';
import type { Layout, Route } from './layout.ts';
import type { ChartEdge, ChartState, Statechart } from './statechart.ts';

/** The largest sideways step that is taken out of a line, in pixels. */
const KINK = 6;

const WHOLE = {
  'elk.algorithm': 'layered',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
};

/**
 * The layout of these outermost states, of all within them, and of the transitions between them,
 * with its corner at 0, 0. The box of the machine's own path is the whole column.
 *
 * @param across transitions to another column, which are not laid out
 */
export async function elkColumn(
  chart: Statechart,
  column: readonly ChartState[],
  across: readonly ChartEdge[],
  facing: Facing,
): Promise<Layout> {
  const nodes = elkNodes(chart, column, across, facing);
  addElkEdges(chart, nodes);
  const graph = { id: 'graph', children: [...nodes.values()].slice(0, 1), layoutOptions: WHOLE };
  const [, ...placed] = withDescendants(await new ELK.default().layout(graph));
  const pieces = placed.flatMap(({ edges = [] }) => edges);
  const routes = chart.edges.map((edge, index) => {
    const own = pieces.filter(({ id }) => id.startsWith(`edge:${index}:`));
    return own.length > 0 ? [routeOf(edge, own)] : [];
  });
  return {
    boxes: new Map(placed.map((node) => [node.id.slice('state:'.length), boxOf(node)])),
    initials: placed.flatMap(({ labels = [] }) =>
      labels.filter(({ id }) => id === 'initial').map(boxOf),
    ),
    routes: routes.flat(),
  };
}

function withDescendants(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(withDescendants)];
}

function routeOf(edge: ChartEdge, pieces: ElkExtendedEdge[]): Route {
  const label = pieces.flatMap(({ labels = [] }) => labels)[0];
  if (!label) throw new Error(`expected a label on ${edge.source} to ${edge.target}, got none`);
  const inOrder = pieces.toSorted((a, b) => numberOf(a) - numberOf(b));
  return { edge, points: withoutKinks(inOrder.flatMap(pointsOf)), label: boxOf(label) };
}

/** Ends may slide along their borders: by so little that a kink near them goes. */
function withoutKinks(points: readonly Point[]): Point[] {
  const straight = slid(straightened(points));
  return slid(straight.toReversed()).toReversed();
}

function slid(points: readonly Point[]): Point[] {
  const [start, bend, next, ...rest] = points;
  if (!start || !bend || !next || rest.length === 0) return [...points];
  const by = { x: next.x - bend.x, y: next.y - bend.y };
  if (Math.abs(by.x) + Math.abs(by.y) > KINK) return [...points];
  return straightened([shifted(start, by), next, ...rest]);
}

function numberOf({ id }: ElkExtendedEdge): number {
  return Number(id.split(':')[2]);
}

function pointsOf({ id, sections = [] }: ElkExtendedEdge): Point[] {
  const points = sections
    .flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
    .map(({ x, y }) => ({ x: rounded(x), y: rounded(y) }));
  return id.endsWith(':reversed') ? points.reverse() : points;
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
}
