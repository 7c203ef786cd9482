/** A transition as a group of SVG, to be found by its ends and its events. */
import { causeLines } from './cause.ts';
import type { Route } from './layout.ts';
import { LABEL_PADDING, LINE_HEIGHT, SMALL } from './sizes.ts';
import { headPath, linePath } from './svg-path.ts';
import { escaped, rect, text } from './svg-shapes.ts';

/** From the top of a line of text to its base line. */
const BASE_LINE = 11.5;

export function edgeElement({ edge, points, label }: Route): string {
  const { source, target, eventTypes, causes, isMain } = edge;
  const classes = ['edge', ...(isMain ? ['main'] : []), ...(source === '' ? ['from-machine'] : [])];
  const x = label.x + label.width / 2;
  const top = label.y + LABEL_PADDING.y + BASE_LINE;
  return [
    `<g class="${classes.join(' ')}" data-source="${escaped(source)}" data-target="${escaped(target)}" data-events="${escaped(eventTypes.join(' '))}">`,
    `<path class="line" d="${linePath(points)}"/>`,
    `<path class="head" d="${headPath(points)}"/>`,
    rect('plate', label, 6),
    ...causeLines(causes).map((line, index) =>
      text('cause centred', line, { x, y: top + index * LINE_HEIGHT }, SMALL),
    ),
    '</g>',
  ].join('');
}
