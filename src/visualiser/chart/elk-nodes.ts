/** States as ELK's nodes, one within another. */
import type { ElkLabel, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api.js';
import { exitsSize, slotsHeight } from './side-slots.ts';
import { boxSize, INITIAL, PADDING, type Size, TITLE_ROOM, titleWidth } from './sizes.ts';
import { type ChartEdge, type ChartState, isWithin, type Statechart } from './statechart.ts';

const OPTIONS: LayoutOptions = {
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

/** On which side the other column stands. */
export type Facing = 'H_LEFT' | 'H_RIGHT';

/** So few states stand side by side, where no transition of theirs leaves the state around them. */
const MOST_IN_A_ROW = 3;

/**
 * @param across transitions to the other column, for which there must be room
 * @returns nodes by path, the column first, which has the machine's
 */
export function elkNodes(
  chart: Statechart,
  column: readonly ChartState[],
  across: readonly ChartEdge[],
  facing: Facing,
): ReadonlyMap<string, ElkNode> {
  const nodes = new Map<string, ElkNode>();
  const add = (path: string, size: Partial<ElkNode>, layoutOptions: LayoutOptions): ElkNode => {
    const node = { id: `state:${path}`, ports: [], edges: [], ...size, layoutOptions };
    nodes.set(path, node);
    return node;
  };
  const addState = (state: ChartState): ElkNode => {
    const within = chart.states.filter(({ parent }) => parent === state.path);
    const node =
      within.length === 0
        ? add(state.path, boxSize(state, slotsHeight(state.path, across)), OPTIONS)
        : add(state.path, {}, compoundOptions(chart, state, within, across));
    node.children = within.map(addState);
    node.labels = roomsBeside(chart, state, across, facing);
    return node;
  };
  const whole = add('', {}, { ...OPTIONS, 'elk.direction': 'DOWN', 'elk.padding': padding(0, 0) });
  whole.children = column.map(addState);
  return nodes;
}

function compoundOptions(
  chart: Statechart,
  state: ChartState,
  within: readonly ChartState[],
  across: readonly ChartEdge[],
): LayoutOptions {
  const isInside = (end: string) => isWithin(end, state.path);
  const leaving = chart.edges.filter(({ source, target }) => isInside(source) !== isInside(target));
  const isRow = leaving.length === 0 && within.length <= MOST_IN_A_ROW;
  // A line from above to the first state must not run through the name in the corner.
  const isEntered = leaving.some((edge) => !across.includes(edge));
  const side = isEntered ? Math.max(PADDING.side, titleWidth(state) - TITLE_ROOM) : PADDING.side;
  return {
    ...OPTIONS,
    'elk.direction': isRow ? 'RIGHT' : 'DOWN',
    'elk.padding': padding(PADDING.top, PADDING.side, side),
  };
}

function isInitial(chart: Statechart, { path, parent }: ChartState): boolean {
  return chart.states.some((state) => state.path === parent && state.initial === path);
}

/** For the mark of an initial state, and for the labels of lines that leave a small one. */
function roomsBeside(
  chart: Statechart,
  state: ChartState,
  across: readonly ChartEdge[],
  facing: Facing,
): ElkLabel[] {
  const exits = state.kind === 'compound' ? undefined : exitsSize(state.path, across);
  const mark = isInitial(chart, state) ? [room('initial', INITIAL, 'H_LEFT')] : [];
  // Two on the same side would push each other up and down.
  const isTaken = mark.length > 0 && facing === 'H_LEFT';
  return exits && !isTaken ? [...mark, room('exits', exits, facing)] : mark;
}

/** An empty label beside the box, for which ELK keeps room. */
function room(id: string, { width, height }: Size, side: Facing): ElkLabel {
  const layoutOptions = { 'elk.nodeLabels.placement': `[OUTSIDE, ${side}, V_CENTER]` };
  return { id, text: ' ', width, height, layoutOptions };
}

function padding(top: number, around: number, left = around): string {
  return `[top=${top},left=${left},bottom=${around},right=${around}]`;
}
