/** The figures that matter, met or missed in words. */
import type { FiguresJson } from './analysis-json.ts';
import { element } from './element.ts';
import { promiseTiles, type Tile } from './promises.ts';

export class PromiseTiles {
  readonly element = element('dl', { class: 'tiles' });

  show(total: FiguresJson): void {
    this.element.replaceChildren(...promiseTiles(total).map(tileElement));
  }
}

const SIGNS: Readonly<Record<NonNullable<Tile['verdict']>, string>> = {
  met: 'Met: ',
  missed: 'Missed: ',
  near: 'Over: ',
};

function tileElement({ name, value, verdict, note }: Tile): HTMLElement {
  return element(
    'div',
    { class: `card tile ${verdict ?? ''}` },
    element('dt', {}, name),
    element('dd', { class: 'tile-value number' }, value),
    element(
      'dd',
      { class: 'tile-note small' },
      verdict && element('strong', {}, SIGNS[verdict]),
      note,
    ),
  );
}
