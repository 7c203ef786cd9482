/** States as ELK's nodes, one within another. */
import type { ElkNode, LayoutOptions } from 'elkjs/lib/elk-api.js';
import { slotsHeight } from './side-slots.ts';
import { boxSize, INITIAL, PADDING } from './sizes.ts';
import { type ChartEdge, type ChartState, isWithin, type Statechart } from './statechart.ts';

const SPACING: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.portConstraints': 'FIXED_SIDE',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.thoroughness': '50',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.crossingMinimization.forceNodeModelOrder': 'true',
  'elk.layered.spacing.nodeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.labelLabel': '6',
  'elk.spacing.labelNode': '0',
};

/** So few states stand side by side, where no transition of theirs leaves the state around them. */
const MOST_IN_A_ROW = 3;

/**
 * @param across transitions to the other column, for which there must be room
 * @returns nodes by path, those within others included; the column itself has the machine's path
 */
export function elkNodes(
  chart: Statechart,
  column: readonly ChartState[],
  across: readonly ChartEdge[],
): ReadonlyMap<string, ElkNode> {
  const nodes = new Map<string, ElkNode>();
  const add = (path: string, children: readonly ChartState[]): ElkNode => {
    const node: ElkNode = { id: `state:${path}`, ports: [], edges: [], layoutOptions: SPACING };
    nodes.set(path, node);
    node.children = children.map((child) => {
      const within = chart.states.filter(({ parent }) => parent === child.path);
      const inner = within.length > 0 ? add(child.path, within) : leaf(child, across);
      nodes.set(child.path, inner);
      if (isInitial(chart, child)) inner.labels = [initialMark()];
      return inner;
    });
    node.layoutOptions = {
      ...SPACING,
      'elk.direction': isRow(chart, path, children) ? 'RIGHT' : 'DOWN',
      'elk.padding':
        path === '' ? padding(0, 0, 0) : padding(PADDING.top, PADDING.side, PADDING.bottom),
    };
    return node;
  };
  add('', column);
  return nodes;
}

function leaf(state: ChartState, across: readonly ChartEdge[]): ElkNode {
  const size = boxSize(state, slotsHeight(state.path, across));
  return { id: `state:${state.path}`, ports: [], edges: [], layoutOptions: SPACING, ...size };
}

function isInitial(chart: Statechart, { path, parent }: ChartState): boolean {
  return chart.states.some((state) => state.path === parent && state.initial === path);
}

/** Where the dot and its arrow go: an empty label beside the box, for which ELK keeps room. */
function initialMark() {
  return {
    text: ' ',
    width: INITIAL.width,
    height: INITIAL.height,
    layoutOptions: { 'elk.nodeLabels.placement': '[OUTSIDE, H_LEFT, V_CENTER]' },
  };
}

function isRow(chart: Statechart, path: string, children: readonly ChartState[]): boolean {
  const isInside = (end: string) => isWithin(end, path);
  return (
    path !== '' &&
    children.length <= MOST_IN_A_ROW &&
    chart.edges.every(({ source, target }) => isInside(source) === isInside(target))
  );
}

function padding(top: number, side: number, bottom: number): string {
  return `[top=${top},left=${side},bottom=${bottom},right=${side}]`;
}
