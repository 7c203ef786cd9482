/** A state as a group of SVG, to be found and lit by its path. */
import { type Box, grown } from './geometry.ts';
import {
  ABOUT,
  actorLine,
  BEFORE_ACTORS,
  HEADING,
  HEADING_AT,
  INITIAL,
  LINE_HEIGHT,
  NAME,
  SMALL,
  TITLE,
  TITLE_AT,
} from './sizes.ts';
import type { ChartState } from './statechart.ts';
import { headPath, linePath } from './svg-path.ts';
import { escaped, rect, text } from './svg-shapes.ts';
import { textWidth } from './text-width.ts';

const RADIUS = { atomic: 10, compound: 14, final: 10 };
/** Between the two borders of a final state. */
const BORDERS = 4;
/** From the upper right corner to the number in it. */
const COUNT = { right: 7, base: 14 };
/** From the top of a line of text to its base line, as a share of the font's size. */
const ASCENT = 0.95;
/** From the middle of a line of text to its base line. */
const MIDDLE = 0.355;

/** With an empty `text.count` in its upper right corner, for a number that the page may show. */
export function stateElement(machine: string, state: ChartState, box: Box): string {
  const { path, kind, description } = state;
  const isMachine = path === '';
  const id = isMachine ? `${machine}-state` : `${machine}-state-${path}`;
  const texts = isMachine
    ? heading(state, box)
    : kind === 'compound'
      ? title(state, box)
      : inside(state, box);
  return [
    `<g class="state ${kind}${isMachine ? ' machine' : ''}" id="${escaped(id)}" data-path="${escaped(path)}">`,
    `<title>${escaped(description)}</title>`,
    rect('box', box, RADIUS[kind]),
    kind === 'final' ? rect('inner-border', grown(box, -BORDERS), RADIUS.final - BORDERS) : '',
    ...texts,
    `<text class="count" x="${box.x + box.width - COUNT.right}" y="${box.y + COUNT.base}"></text>`,
    '</g>',
  ].join('');
}

/** The dot and the arrow beside an initial state. */
export function initialElement({ x, y, width, height }: Box): string {
  const middle = y + height / 2;
  const arrow = [
    { x: x + 2 * INITIAL.radius, y: middle },
    { x: x + width, y: middle },
  ];
  return `<g class="initial"><circle class="dot" cx="${x + INITIAL.radius + 1}" cy="${middle}" r="${INITIAL.radius}"/><path class="line" d="${linePath(arrow)}"/><path class="head" d="${headPath(arrow)}"/></g>`;
}

/** The machine's name, its actors, and what it is. */
function heading({ name, invokes, description }: ChartState, box: Box): string[] {
  const [x, y] = [box.x + HEADING_AT.x, box.y + HEADING_AT.y];
  const base = y + HEADING.size * ASCENT;
  const actors = actorLine(invokes.join(', '));
  const beside = x + textWidth(name, HEADING) + BEFORE_ACTORS;
  return [
    text('name', name, { x, y: base }, HEADING),
    invokes.length > 0 ? text('actor', actors, { x: beside, y: base }, SMALL) : '',
    text('about', description, { x, y: base + 24 }, ABOUT),
  ];
}

function title({ name, invokes }: ChartState, box: Box): string[] {
  const base = box.y + TITLE_AT.y + TITLE.size * ASCENT;
  const actors = actorLine(invokes.join(', '));
  const beside = box.x + TITLE_AT.x + textWidth(name, TITLE) + BEFORE_ACTORS;
  return [
    text('name', name, { x: box.x + TITLE_AT.x, y: base }, TITLE),
    invokes.length > 0 ? text('actor', actors, { x: beside, y: base }, SMALL) : '',
  ];
}

/** The name and below it the actors, all in the middle. */
function inside({ name, invokes }: ChartState, box: Box): string[] {
  const x = box.x + box.width / 2;
  const first = box.y + box.height / 2 - (invokes.length * (LINE_HEIGHT + 2)) / 2;
  return [
    text('name centred', name, { x, y: first + NAME.size * MIDDLE }, NAME),
    ...invokes.map((actor, index) =>
      text(
        'actor centred',
        actorLine(actor),
        { x, y: first + (index + 1) * (LINE_HEIGHT + 2) + SMALL.size * MIDDLE },
        SMALL,
      ),
    ),
  ];
}
