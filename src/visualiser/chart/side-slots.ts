/**
 * Lines between the columns leave and reach a state on the side of the other column. Each that
 * leaves has its label there, so the side is divided into slots: one for each of these, and one for
 * all lines that arrive, which come as one.
 */
import type { Box } from './geometry.ts';
import { labelSize, type Size } from './sizes.ts';
import type { ChartEdge } from './statechart.ts';

/** What is seen of a line before and behind its label. */
export const SEEN = 12;
const ARRIVAL_HEIGHT = 16;
/** Between labels. */
const GAP = 12;
/** At the corners of the box. */
const CORNERS = 10;

interface Slot {
  /** Undefined: for lines that arrive. */
  edge: ChartEdge | undefined;
  height: number;
  /** The states at the other end. */
  others: string[];
}

/** How high a state must be for its slots; the outermost labels may reach beyond its corners. */
export function slotsHeight(path: string, across: readonly ChartEdge[]): number {
  const heights = slotsOf(path, across).map(({ height }) => height);
  const [least = 0, next = least] = heights.toSorted((a, b) => a - b);
  const sum = heights.reduce((total, height) => total + height, 0);
  return sum - (least + next) / 2 + Math.max(0, heights.length - 1) * GAP + 2 * CORNERS;
}

/** Of what is beside a small state where lines leave it; undefined: none does. */
export function exitsSize(path: string, across: readonly ChartEdge[]): Size | undefined {
  const sizes = across
    .filter(({ source }) => source === path)
    .map(({ causes }) => labelSize(causes));
  if (sizes.length === 0) return undefined;
  return {
    width: Math.max(...sizes.map(({ width }) => width)) + 2 * SEEN,
    height: sizes.reduce((sum, { height }) => sum + height + GAP, -GAP),
  };
}

/** The height at which each line leaves, and under `undefined` at which all arrive. */
export function slotRows(
  path: string,
  across: readonly ChartEdge[],
  boxes: ReadonlyMap<string, Box>,
): ReadonlyMap<ChartEdge | undefined, number> {
  const middleOf = (other: string) => {
    const { y = 0, height = 0 } = boxes.get(other) ?? {};
    return y + height / 2;
  };
  const meanOf = ({ others }: Slot) =>
    others.reduce((sum, other) => sum + middleOf(other), 0) / others.length;
  const slots = slotsOf(path, across).toSorted((a, b) => meanOf(a) - meanOf(b));
  const rows: number[] = [];
  let top = 0;
  for (const { height } of slots) {
    rows.push(top + height / 2);
    top += height + GAP;
  }
  const offset = middleOf(path) - ((rows[0] ?? 0) + (rows.at(-1) ?? 0)) / 2;
  return new Map(slots.map(({ edge }, index) => [edge, offset + (rows[index] ?? 0)]));
}

function slotsOf(path: string, across: readonly ChartEdge[]): Slot[] {
  const leaving = across.filter(({ source }) => source === path);
  const arriving = across.filter(({ target }) => target === path);
  const slots = leaving.map(
    (edge): Slot => ({ edge, height: labelSize(edge.causes).height, others: [edge.target] }),
  );
  if (arriving.length === 0) return slots;
  const others = arriving.map(({ source }) => source);
  return [...slots, { edge: undefined, height: ARRIVAL_HEIGHT, others }];
}
