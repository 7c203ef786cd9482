/** Where a line may begin and end: at the sides of boxes, and on lines to the same state. */
import { type Box, grown, lineBox, overlap, type Point, stretches } from './geometry.ts';
import type { Route } from './layout.ts';
import type { Obstacles } from './obstacles.ts';
import { CELL, type Direction } from './route-grid.ts';
import type { GridEnd } from './route-search.ts';

/** Between a box and the grid's points where lines to it begin. */
export const STUB = 12;
/**
 * From the corner of a box to the first line that ends at its side: at least, and of large ones.
 */
const CORNER = { least: 9, share: 0.2, most: 20 };
/** Between lines that end at the same side. */
const BESIDE = 9;

/** @param side of the box, as the direction in which a line leaves there */
export function gates(box: Box, side: Direction, obstacles: Obstacles): GridEnd[] {
  const isLevel = side % 2 === 0;
  const [from, length] = isLevel ? [box.y, box.height] : [box.x, box.width];
  const border = borderAt(box, side);
  const sign = side < 2 ? 1 : -1;
  const outside = sign * Math.ceil((sign * border + STUB) / CELL);
  const corner = Math.min(CORNER.most, Math.max(CORNER.least, length * CORNER.share));
  const found: GridEnd[] = [];
  for (let at = Math.ceil((from + corner) / CELL); at * CELL <= from + length - corner; at++) {
    const onBorder = isLevel ? { x: border, y: at * CELL } : { x: at * CELL, y: border };
    const onGrid = isLevel
      ? { x: outside * CELL, y: at * CELL }
      : { x: at * CELL, y: outside * CELL };
    if (!isFree(onBorder, onGrid, box, obstacles)) continue;
    const [column, row] = [onGrid.x / CELL, onGrid.y / CELL];
    found.push({ column, row, direction: side, beyond: [onBorder] });
  }
  return found;
}

/** All points of a line behind its label, to be reached across it. */
export function joins(route: Route): GridEnd[] {
  const tail = behindLabel(route);
  return stretches(tail).flatMap(([a, b], index) => {
    const beyond = tail.slice(index + 1);
    const isLevel = a.y === b.y;
    const across: Direction[] = isLevel ? [1, 3] : [0, 2];
    return gridPoints(a, b).flatMap(({ column, row }) =>
      across.map((direction) => ({ column, row, direction, beyond })),
    );
  });
}

/** Of the grid, on a level or upright line, its last stub left out. */
function gridPoints(a: Point, b: Point): { column: number; row: number }[] {
  const { x, y, width, height } = lineBox(a, b);
  const found: { column: number; row: number }[] = [];
  for (let column = Math.ceil(x / CELL); column * CELL <= x + width; column++) {
    for (let row = Math.ceil(y / CELL); row * CELL <= y + height; row++) {
      const toEnd = Math.abs(column * CELL - b.x) + Math.abs(row * CELL - b.y);
      if (toEnd > STUB) found.push({ column, row });
    }
  }
  return found;
}

/** The line from the far end of its label on. */
function behindLabel({ points, label }: Route): Point[] {
  const index = stretches(points).findIndex(([a, b]) => overlap(grown(lineBox(a, b), 1), label));
  const [a, b] = [points[index] ?? label, points[index + 1] ?? label];
  const from = {
    x: a.x === b.x ? a.x : b.x > a.x ? label.x + label.width : label.x,
    y: a.y === b.y ? a.y : b.y > a.y ? label.y + label.height : label.y,
  };
  return [from, ...points.slice(index + 1)];
}

function borderAt({ x, y, width, height }: Box, side: Direction): number {
  return [x + width, y + height, x, y][side] ?? x;
}

/** Is nothing in the way from the border to the grid, and no other line's end beside it? */
function isFree(onBorder: Point, onGrid: Point, own: Box, { boxes, texts, lines }: Obstacles) {
  const stub = grown(lineBox(onBorder, onGrid), 1);
  const beside = grown(stub, BESIDE);
  return (
    !boxes.some((box) => box !== own && overlap(stub, box)) &&
    !texts.some((text) => overlap(stub, text)) &&
    !lines.some(
      ([a, b]) =>
        (a.y === b.y) === (onBorder.y === onGrid.y) && overlap(beside, grown(lineBox(a, b), 1)),
    )
  );
}
