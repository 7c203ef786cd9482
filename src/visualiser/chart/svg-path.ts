/** Lines as SVG's path data. */
import type { Point } from './geometry.ts';

const HEAD = { length: 8, half: 4 };
/** Of a bend, where its stretches are long enough. */
const RADIUS = 8;

/** Up to the arrow's head, with rounded bends. */
export function linePath(points: readonly Point[]): string {
  const [start, ...rest] = [...points.slice(0, -1), shortened(points)];
  if (!start) return '';
  const parts = rest.map((point, index) => {
    const before = index === 0 ? start : (rest[index - 1] ?? start);
    const after = rest[index + 1];
    return after ? bend(before, point, after) : `L${pair(point)}`;
  });
  return `M${pair(start)}${parts.join('')}`;
}

/** A triangle whose tip is the end of the line. */
export function headPath(points: readonly Point[]): string {
  const [tip, { x, y }] = [points.at(-1) ?? { x: 0, y: 0 }, towardsEnd(points)];
  const base = { x: tip.x - x * HEAD.length, y: tip.y - y * HEAD.length };
  const [left, right] = [-HEAD.half, HEAD.half].map((half) => ({
    x: base.x + y * half,
    y: base.y + x * half,
  }));
  return `M${pair(tip)}L${pair(left ?? tip)}L${pair(right ?? tip)}Z`;
}

/** So that a broad line does not stand out beside the tip. */
function shortened(points: readonly Point[]): Point {
  const [tip, { x, y }] = [points.at(-1) ?? { x: 0, y: 0 }, towardsEnd(points)];
  return { x: tip.x - (x * HEAD.length) / 2, y: tip.y - (y * HEAD.length) / 2 };
}

function towardsEnd(points: readonly Point[]): Point {
  const [tip, before] = [points.at(-1), points.at(-2)];
  return tip && before ? unit(before, tip) : { x: 0, y: 1 };
}

function bend(before: Point, at: Point, after: Point): string {
  const radius = Math.min(RADIUS, distance(before, at) / 2, distance(at, after) / 2);
  const [into, out] = [unit(before, at), unit(at, after)];
  const start = { x: at.x - into.x * radius, y: at.y - into.y * radius };
  const end = { x: at.x + out.x * radius, y: at.y + out.y * radius };
  return `L${pair(start)}Q${pair(at)} ${pair(end)}`;
}

function unit(a: Point, b: Point): Point {
  return { x: Math.sign(b.x - a.x), y: Math.sign(b.y - a.y) };
}

function distance(a: Point, b: Point): number {
  return Math.abs(b.x - a.x) + Math.abs(b.y - a.y);
}

function pair({ x, y }: Point): string {
  return `${x} ${y}`;
}
