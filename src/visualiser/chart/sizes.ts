/** What the layout and the drawing must agree on, in the drawing's units: pixels at its own size. */
import { type Cause, causeLines } from './cause.ts';
import type { Box } from './geometry.ts';
import type { ChartState } from './statechart.ts';
import { textWidth } from './text-width.ts';

export const NAME = { size: 14, baseline: 23.5 };
/** A line in a box that names an actor. */
export const ACTOR = { size: 11.5, height: 17 };
/** What stands on an edge, line under line. */
export const LABEL = { size: 11.5, height: 15, paddingX: 6, paddingY: 2 };
/** The dot that marks an initial state, with its arrow, beside the box. */
export const INITIAL = { width: 30, height: 12, radius: 4.5 };
/** Around the states within a state; its name stands in the upper part. */
export const PADDING = { top: 46, side: 16, bottom: 16 };

const SMALLEST_WIDTH = 84;
const BOX_HEIGHT = 38;
/** Beside a name: room for a number in the corner. */
const MARGIN = 20;

export interface Size {
  width: number;
  height: number;
}

export const TITLE = { x: 16, y: 10, height: 20 };

/** Of a state that has none within. */
export function boxSize({ name, invokes }: ChartState): Size {
  const texts = [
    textWidth(name, NAME.size, 'semibold'),
    ...invokes.map((actor) => textWidth(actorLine(actor), ACTOR.size, 'regular')),
  ];
  return {
    width: Math.ceil(Math.max(SMALLEST_WIDTH, Math.max(...texts) + 2 * MARGIN)),
    height: BOX_HEIGHT + invokes.length * ACTOR.height,
  };
}

export function labelSize(causes: readonly Cause[]): Size {
  const lines = causeLines(causes);
  const widths = lines.map((line) => textWidth(line, LABEL.size, 'regular'));
  return {
    width: Math.ceil(Math.max(...widths) + 2 * LABEL.paddingX),
    height: lines.length * LABEL.height + 2 * LABEL.paddingY,
  };
}

/** The name of a state that has others within, in its upper left corner. */
export function titleBox({ name }: ChartState, { x, y }: Box): Box {
  return { x: x + TITLE.x, y: y + TITLE.y, width: titleWidth(name), height: TITLE.height };
}

export function titleWidth(name: string): number {
  return Math.ceil(textWidth(name, NAME.size, 'semibold'));
}

export function actorLine(actor: string): string {
  return `↗ ${actor}`;
}
