/** One plot: its title, what it shows in a sentence, the drawing, and the same as a table. */
import { element } from './element.ts';

export interface PlotContent {
  /** For those who do not see the drawing, and first of all for those who do. */
  summary: string;
  draw(width: number): SVGSVGElement;
  table: { head: readonly string[]; rows: readonly (readonly string[])[] };
}

let plots = 0;

export class PlotCard {
  readonly element: HTMLElement;
  readonly #title: HTMLElement;
  readonly #summary: HTMLElement;
  readonly #readout = element('p', { class: 'plot-readout number', 'aria-hidden': 'true' });
  readonly #place = element('div', { class: 'plot-place' });
  readonly #table = element('div', { class: 'plot-table' });
  readonly #details: HTMLDetailsElement;
  #content: PlotContent | undefined;
  #width = 0;

  /** @param legend between the title and the drawing */
  constructor(title: string, legend?: HTMLElement) {
    const id = `plot-${++plots}`;
    this.#title = element('h2', { id: `${id}-title` }, title);
    this.#summary = element('p', { id: `${id}-summary`, class: 'small soft plot-summary' });
    this.#details = element(
      'details',
      { on: { toggle: () => this.#fillTable() } },
      element('summary', {}, 'Show as table'),
      this.#table,
    );
    this.element = element(
      'section',
      { class: 'card plot', 'aria-labelledby': `${id}-title` },
      element('header', {}, this.#title, this.#readout),
      this.#summary,
      legend,
      this.#place,
      this.#details,
    );
    new ResizeObserver(() => this.#draw(false)).observe(this.#place);
  }

  set title(title: string) {
    this.#title.textContent = title;
  }

  /** What is pointed at, as numbers. */
  set readout(text: string) {
    this.#readout.textContent = text;
  }

  show(content: PlotContent): void {
    this.#content = content;
    this.#summary.textContent = content.summary;
    this.readout = '';
    this.#draw(true);
    this.#fillTable();
  }

  #draw(isNew: boolean): void {
    const width = Math.floor(this.#place.clientWidth);
    if (!this.#content || width === 0 || (width === this.#width && !isNew)) return;
    this.#width = width;
    const drawing = this.#content.draw(width);
    drawing.setAttribute('role', 'img');
    drawing.setAttribute('aria-labelledby', this.#title.id);
    drawing.setAttribute('aria-describedby', this.#summary.id);
    this.#place.replaceChildren(drawing);
  }

  /** A long one is made only for those who want it. */
  #fillTable(): void {
    if (!this.#content || !this.#details.open) return;
    const { head, rows } = this.#content.table;
    const cells = (row: readonly string[]) =>
      row.map((text, index) =>
        index === 0
          ? element('th', { scope: 'row' }, text)
          : element('td', { class: 'number' }, text),
      );
    this.#table.replaceChildren(
      element(
        'table',
        {},
        element('caption', { class: 'unseen' }, this.#title.textContent),
        element('thead', {}, element('tr', {}, ...head.map((text) => element('th', {}, text)))),
        element('tbody', {}, ...rows.map((row) => element('tr', {}, ...cells(row)))),
      ),
    );
  }
}
