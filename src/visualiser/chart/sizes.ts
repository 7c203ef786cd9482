/** How large boxes and texts are, in the drawing's units: pixels at its own size. */
import { type Cause, causeLines } from './cause.ts';
import type { Box } from './geometry.ts';
import type { ChartState } from './statechart.ts';
import { type Font, textWidth } from './text-width.ts';

export const NAME: Font = { size: 14, weight: 'medium' };
export const TITLE: Font = { size: 14, weight: 'semibold' };
/** Of the machine. */
export const HEADING: Font = { size: 19, weight: 'semibold' };
export const ABOUT: Font = { size: 13, weight: 'regular' };
/** Names of actors, and causes. */
export const SMALL: Font = { size: 11.5, weight: 'regular' };

export const LINE_HEIGHT = 15;
/** Between a label's border and its text. */
export const LABEL_PADDING = { x: 6, y: 2 };
/** The dot that marks an initial state, with its arrow, beside the box. */
export const INITIAL = { width: 30, height: 12, radius: 4.5 };
/** Around the states within a state; its name stands in the upper part. */
export const PADDING = { top: 46, side: 16 };
/** From the corner of a state to the name in it, if it has states within. */
export const TITLE_AT = { x: 16, y: 10 };
/** From the corner of the machine to what is said of it. */
export const HEADING_AT = { x: 22, y: 16 };

/** Between a name and the actors beside it. */
export const BEFORE_ACTORS = 14;

const TITLE_HEIGHT = 20;
const HEADING_HEIGHT = 46;
const SMALLEST_WIDTH = 84;
const SMALLEST_HEIGHT = 38;
const ACTOR_HEIGHT = 17;
/** Beside a name: room for a number in the corner. */
const BESIDE = 24;
/** From a title to a line that passes it. */
const PASSING = 8;
/** By how much a title may be wider than the padding before a line to the first state passes it. */
export const TITLE_ROOM = INITIAL.width + SMALLEST_WIDTH / 2 - TITLE_AT.x - PASSING;

export interface Size {
  width: number;
  height: number;
}

/**
 * Of a state that has none within.
 *
 * @param least its height at least
 */
export function boxSize({ name, invokes }: ChartState, least: number): Size {
  const actors = invokes.map((actor) => textWidth(actorLine(actor), SMALL));
  const widest = Math.max(textWidth(name, NAME), ...actors);
  return {
    width: Math.ceil(Math.max(SMALLEST_WIDTH, widest + 2 * BESIDE)),
    height: Math.ceil(Math.max(least, SMALLEST_HEIGHT + invokes.length * ACTOR_HEIGHT)),
  };
}

export function labelSize(causes: readonly Cause[]): Size {
  const lines = causeLines(causes);
  const widths = lines.map((line) => textWidth(line, SMALL));
  return {
    width: Math.ceil(Math.max(...widths) + 2 * LABEL_PADDING.x),
    height: lines.length * LINE_HEIGHT + 2 * LABEL_PADDING.y,
  };
}

/** What is written in the upper left corner of a state that has others within. */
export function titleBox(state: ChartState, { x, y }: Box): Box {
  if (state.path !== '') {
    const width = titleWidth(state);
    return { x: x + TITLE_AT.x, y: y + TITLE_AT.y, width, height: TITLE_HEIGHT };
  }
  const width = Math.ceil(textWidth(state.description, ABOUT));
  return { x: x + HEADING_AT.x, y: y + HEADING_AT.y, width, height: HEADING_HEIGHT };
}

/** Of the name, and of the actors beside it. */
export function titleWidth({ name, invokes }: ChartState): number {
  const actors = textWidth(actorLine(invokes.join(', ')), SMALL) + BEFORE_ACTORS;
  return Math.ceil(textWidth(name, TITLE) + (invokes.length > 0 ? actors : 0));
}

export function actorLine(actor: string): string {
  return `↗ ${actor}`;
}
