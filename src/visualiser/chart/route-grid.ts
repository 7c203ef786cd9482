/**
 * The plane as a grid of points between which lines may run. Lines keep their distance from what
 * must stay readable and from other lines that run the same way; across those they go at a price.
 */
import { type Box, grown, lineBox, type Point } from './geometry.ts';

/** Pixels between neighbouring points. */
export const CELL = 4;

/** In the order of `STEPS`. */
export type Direction = 0 | 1 | 2 | 3;
export const DIRECTIONS: readonly Direction[] = [0, 1, 2, 3];
export const STEPS = [
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
  { x: 0, y: -1 },
] as const;

/** Between lines that run the same way, and between a line and a border along it. */
const LINE_DISTANCE = 10;
/** In steps. */
const CROSSING_COST = 6;

export class RouteGrid {
  readonly columns: number;
  readonly rows: number;
  /** By point: 1 where no level line may run, 2 where no upright one may. */
  readonly #closed: Uint8Array;
  readonly #crossed: Uint8Array;

  constructor(plane: Box) {
    this.columns = Math.floor(plane.width / CELL) + 1;
    this.rows = Math.floor(plane.height / CELL) + 1;
    this.#closed = new Uint8Array(this.columns * this.rows);
    this.#crossed = new Uint8Array(this.columns * this.rows);
  }

  /** Nothing runs through it, nor nearer to it than this. */
  closeBox(box: Box, distance: number): void {
    this.#mark(grown(box, distance), this.#closed, 3);
  }

  /** Nothing runs along it. */
  closeAlong(a: Point, b: Point): void {
    this.#mark(grown(lineBox(a, b), LINE_DISTANCE - 1), this.#closed, a.y === b.y ? 1 : 2);
  }

  addLine(a: Point, b: Point): void {
    this.closeAlong(a, b);
    this.#mark(grown(lineBox(a, b), CELL / 2), this.#crossed, a.y === b.y ? 2 : 1);
  }

  isOpen(column: number, row: number, direction: Direction): boolean {
    const isInside = column >= 0 && row >= 0 && column < this.columns && row < this.rows;
    return isInside && ((this.#closed[row * this.columns + column] ?? 3) & wayOf(direction)) === 0;
  }

  /** Of a step onto this point, in steps. */
  costOf(column: number, row: number, direction: Direction): number {
    const isCrossing = ((this.#crossed[row * this.columns + column] ?? 0) & wayOf(direction)) !== 0;
    return isCrossing ? 1 + CROSSING_COST : 1;
  }

  #mark({ x, y, width, height }: Box, marks: Uint8Array, mark: number): void {
    const [left, right] = [Math.ceil(x / CELL), Math.floor((x + width) / CELL)];
    const [top, bottom] = [Math.ceil(y / CELL), Math.floor((y + height) / CELL)];
    for (let row = Math.max(0, top); row <= Math.min(this.rows - 1, bottom); row++) {
      for (let column = Math.max(0, left); column <= Math.min(this.columns - 1, right); column++) {
        const point = row * this.columns + column;
        marks[point] = (marks[point] ?? 0) | mark;
      }
    }
  }
}

/** 1: level, 2: upright. */
function wayOf(direction: Direction): 1 | 2 {
  return direction % 2 === 0 ? 1 : 2;
}
