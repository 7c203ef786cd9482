/** What stands in the way of further lines. */
import { type Box, type Point, stretches } from './geometry.ts';
import type { Layout } from './layout.ts';
import { RouteGrid } from './route-grid.ts';
import { titleBox } from './sizes.ts';
import type { Statechart } from './statechart.ts';

/** Of lines from a box, and of anything from a text. */
const BOX_DISTANCE = 11;
const TEXT_DISTANCE = 6;

export interface Obstacles {
  /** States without others within. */
  boxes: Box[];
  /** What is written, and the marks of initial states. */
  texts: Box[];
  /** Borders of states around others: lines cross them. */
  frames: Box[];
  lines: [Point, Point][];
}

export function obstaclesOf(chart: Statechart, { boxes, initials, routes }: Layout): Obstacles {
  const inside = chart.states.flatMap((state) => {
    const box = boxes.get(state.path);
    return box ? [{ state, box }] : [];
  });
  const around = inside.filter(({ state }) => state.kind === 'compound');
  return {
    boxes: inside.filter(({ state }) => state.kind !== 'compound').map(({ box }) => box),
    texts: [
      ...around.map(({ state, box }) => titleBox(state, box)),
      ...initials,
      ...routes.map(({ label }) => label),
    ],
    frames: around.map(({ box }) => box),
    lines: routes.flatMap(({ points }) => stretches(points)),
  };
}

export function gridAround({ boxes, texts, frames, lines }: Obstacles, plane: Box): RouteGrid {
  const grid = new RouteGrid(plane);
  for (const box of boxes) grid.closeBox(box, BOX_DISTANCE);
  for (const text of texts) grid.closeBox(text, TEXT_DISTANCE);
  for (const frame of frames) {
    for (const [a, b] of stretches(corners(frame))) grid.closeAlong(a, b);
  }
  for (const [a, b] of lines) grid.addLine(a, b);
  return grid;
}

/** Around, and back to the first. */
export function corners({ x, y, width, height }: Box): Point[] {
  const [right, bottom] = [x + width, y + height];
  return [
    { x, y },
    { x: right, y },
    { x: right, y: bottom },
    { x, y: bottom },
    { x, y },
  ];
}
