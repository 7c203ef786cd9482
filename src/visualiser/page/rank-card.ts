/** What came how often, the most frequent first: a bar that reads as a table. */
import { element } from './element.ts';

const SHOWN = 8;

export class RankCard {
  readonly element: HTMLElement;
  readonly #body = element('tbody');
  readonly #table: HTMLElement;
  readonly #note = element('p', { class: 'small soft' });
  readonly #empty: string;

  /** @param empty what is said where nothing came */
  constructor(title: string, columns: readonly [name: string, count: string], empty: string) {
    this.#empty = empty;
    const head = columns.map((text) => element('th', { scope: 'col' }, text));
    this.#table = element(
      'table',
      { class: 'rank' },
      element('caption', { class: 'unseen' }, title),
      element('thead', { class: 'unseen' }, element('tr', {}, ...head)),
      this.#body,
    );
    this.element = element(
      'section',
      { class: 'card plot', 'aria-label': title },
      element('header', {}, element('h2', {}, title)),
      this.#table,
      this.#note,
    );
  }

  /** @param name of one, as people read it */
  show(counts: Readonly<Record<string, number>>, name = (of: string) => of): void {
    const entries = Object.entries(counts);
    const most = Math.max(1, ...entries.map(([, count]) => count));
    const rows = entries.slice(0, SHOWN).map(([of, count]) => row(name(of), count, count / most));
    this.#body.replaceChildren(...rows);
    this.#table.hidden = rows.length === 0;
    const more = entries.length - rows.length;
    this.#note.textContent = rows.length === 0 ? this.#empty : more > 0 ? `and ${more} more` : '';
  }
}

function row(name: string, count: number, share: number): HTMLElement {
  const bar = element('span', { class: 'rank-bar', 'aria-hidden': 'true' });
  bar.style.width = `${(share * 100).toFixed(1)}%`;
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, element('bdi', {}, name)),
    element('td', {}, bar),
    element('td', { class: 'number' }, count.toLocaleString('en')),
  );
}
