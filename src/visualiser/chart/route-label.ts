/**
 * Beginnings of lines that carry their label already: it stands on the first stretch, near the
 * source.
 */
import { type Box, grown, lineBox, overlap, type Point, stretches } from './geometry.ts';
import { corners, type Obstacles } from './obstacles.ts';
import { STUB } from './route-ends.ts';
import { CELL, type RouteGrid, STEPS } from './route-grid.ts';
import type { GridBeginning, GridEnd } from './route-search.ts';
import { SEEN } from './side-slots.ts';
import type { Size } from './sizes.ts';

/** From the label to anything else. */
const DISTANCE = 5;

export interface LabelledBeginning extends GridBeginning {
  label: Box;
}

/**
 * From these gates straight on to behind the first free place for a label, where there is one.
 *
 * @param size of the label
 */
export function labelledBeginnings(
  gates: readonly GridEnd[],
  size: Size,
  obstacles: Obstacles,
  grid: RouteGrid,
): LabelledBeginning[] {
  const isFree = freePlaces(obstacles);
  return gates.flatMap((gate) => {
    const { x, y } = STEPS[gate.direction];
    const half = (x === 0 ? size.height : size.width) / 2;
    const reach = Math.ceil((half + SEEN) / CELL);
    let cost = 0;
    for (let steps = 0; ; steps++) {
      const [column, row] = [gate.column + x * steps, gate.row + y * steps];
      if (!grid.isOpen(column, row, gate.direction)) return [];
      cost += grid.costOf(column, row, gate.direction);
      const middle = { x: (column - x * reach) * CELL, y: (row - y * reach) * CELL };
      const label = boxAround(middle, size);
      const isBehindGate = steps - reach >= Math.ceil((half + SEEN) / CELL) - STUB / CELL;
      if (isBehindGate && isFree(grown(label, DISTANCE))) {
        return [{ ...gate, column, row, cost, label }];
      }
    }
  });
}

function boxAround({ x, y }: Point, { width, height }: Size): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function freePlaces({ boxes, texts, frames, lines }: Obstacles): (place: Box) => boolean {
  const borders = frames.flatMap((frame) => stretches(corners(frame)));
  const taken = [
    ...boxes,
    ...texts,
    ...[...borders, ...lines].map(([a, b]) => grown(lineBox(a, b), 1)),
  ];
  return (place) => !taken.some((other) => overlap(place, other));
}
