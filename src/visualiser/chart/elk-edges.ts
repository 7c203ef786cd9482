/**
 * Transitions as ELK's edges. Each state with states within is laid out for itself, from the
 * innermost outwards; a transition across borders becomes pieces, which meet in ports on these.
 *
 * What points backwards in the order of the machine's text is given to ELK the other way round:
 * this order, not where ELK chooses to break a cycle, decides what stands above what.
 */
import type { ElkNode, LayoutOptions } from 'elkjs/lib/elk-api.js';
import { labelSize } from './sizes.ts';
import { type ChartEdge, isWithin, pathsAround, type Statechart } from './statechart.ts';

type Side = 'NORTH' | 'EAST' | 'SOUTH' | 'WEST';

const MAIN: LayoutOptions = {
  'elk.layered.priority.straightness': '10',
  'elk.layered.priority.shortness': '5',
};

/** Where an edge ends or crosses a border. */
interface Station {
  path: string;
  side: Side;
  port: string;
}

/**
 * Adds to the nodes those edges of which they have both ends. The pieces of an edge have the ids
 * `edge:<index>:<piece>`, in the transition's direction; where ELK is given one the other way
 * round, `:reversed` follows.
 */
export function addElkEdges(chart: Statechart, nodes: ReadonlyMap<string, ElkNode>): void {
  const order = new Map(chart.states.map(({ path }, index) => [path, index]));
  const isBackward = (from: string, to: string) => (order.get(from) ?? 0) > (order.get(to) ?? 0);
  for (const [index, edge] of chart.edges.entries()) {
    if (!nodes.has(edge.source) || !nodes.has(edge.target)) continue;
    const { up, common, down } = wayBetween(edge);
    const isReversed = isBackward(up.at(-1) ?? common, down[0] ?? common);
    const [departure, arrival] = sides(edge, nodes.get(common), isReversed);
    const stations = [
      ...(up.length > 0 ? up : [common]).map((path) => station(nodes, path, departure)),
      ...(down.length > 0 ? down : [common]).map((path) => station(nodes, path, arrival)),
    ];
    const crossing = Math.max(0, up.length - 1);
    for (const [piece, from] of stations.slice(0, -1).entries()) {
      const to = stations[piece + 1] ?? from;
      const owner = piece < crossing ? to.path : piece > crossing ? from.path : common;
      // A piece at the border around it runs down from the upper one, and down to the lower one.
      const isBetweenSiblings = from.path !== owner && to.path !== owner;
      const isGivenReversed = isBetweenSiblings
        ? isReversed
        : (from.path === owner) !== (from.side === 'NORTH');
      const [first, last] = isGivenReversed ? [to, from] : [from, to];
      nodes.get(owner)?.edges?.push({
        id: `edge:${index}:${piece}${isGivenReversed ? ':reversed' : ''}`,
        sources: [first.port],
        targets: [last.port],
        labels: piece === crossing ? [label(edge)] : [],
        layoutOptions: edge.isMain ? MAIN : {},
      });
    }
  }
}

/** The states to leave, innermost first, the one around both ends, and the states to enter. */
function wayBetween({ source, target }: ChartEdge) {
  const [outOf, into] = [pathsAround(source), pathsAround(target)];
  if (source === target) return { up: [source], common: outOf[1] ?? '', down: [target] };
  const common = outOf.find((path) => into.includes(path)) ?? '';
  return {
    up: outOf.slice(0, outOf.indexOf(common)),
    common,
    down: into.slice(0, into.indexOf(common)).reverse(),
  };
}

/** On which side of the states the edge leaves, and on which it enters. */
function sides(
  { source, target }: ChartEdge,
  around: ElkNode | undefined,
  isReversed: boolean,
): [Side, Side] {
  if (source === target) return ['EAST', 'EAST'];
  if (isWithin(target, source)) {
    // What comes from the machine itself comes from below: above stands its name.
    const isFromBelow = source === '' || isAtEnd(target, around);
    return isFromBelow ? ['SOUTH', 'SOUTH'] : ['NORTH', 'NORTH'];
  }
  if (isWithin(source, target)) return ['SOUTH', 'SOUTH'];
  const isRow = around?.layoutOptions?.['elk.direction'] === 'RIGHT';
  const [front, back]: [Side, Side] = isRow ? ['EAST', 'WEST'] : ['SOUTH', 'NORTH'];
  return isReversed ? [back, front] : [front, back];
}

function isAtEnd(path: string, { children = [] }: ElkNode = { id: '' }): boolean {
  const index = children.findIndex(({ id }) =>
    pathsAround(path).includes(id.slice('state:'.length)),
  );
  return index >= children.length / 2;
}

function station(nodes: ReadonlyMap<string, ElkNode>, path: string, side: Side): Station {
  const node = nodes.get(path);
  const port = `port:${path}:${node?.ports?.length ?? 0}`;
  node?.ports?.push({ id: port, width: 0, height: 0, layoutOptions: { 'elk.port.side': side } });
  return { path, side, port };
}

function label({ causes }: ChartEdge) {
  const layoutOptions = { 'elk.edgeLabels.inline': 'true' };
  return { text: ' ', ...labelSize(causes), layoutOptions };
}
