/** The machine's context at one moment, with what the event changed marked. */
import { type ContextRow, contextRows } from './context-rows.ts';
import { element } from './element.ts';
import { words } from './words.ts';

type Context = Readonly<Record<string, unknown>> | null | undefined;

export class ContextTable {
  readonly element: HTMLElement;
  readonly #rows = element('tbody');
  readonly #limits = element('tbody');
  readonly #more = element(
    'details',
    {},
    element('summary', {}, 'Limits'),
    element('table', {}, this.#limits),
  );
  readonly #unknown = element('p', { class: 'soft', hidden: true }, 'Not known at this moment.');

  constructor() {
    this.element = element(
      'div',
      { class: 'context' },
      this.#unknown,
      element('table', {}, this.#rows),
      this.#more,
    );
  }

  show(context: Context, previous: Context): void {
    this.#unknown.hidden = Boolean(context);
    this.#more.hidden = !context;
    const rows = contextRows(context, previous);
    // They are given once and never change: out of the way.
    const isLimit = ({ name }: ContextRow) => name.startsWith('limits.');
    this.#rows.replaceChildren(...rows.filter((row) => !isLimit(row)).map(tableRow));
    this.#limits.replaceChildren(...rows.filter(isLimit).map(tableRow));
  }
}

function tableRow({ name, value, before }: ContextRow): HTMLElement {
  const isChanged = before !== undefined;
  return element(
    'tr',
    { class: isChanged ? 'changed' : undefined },
    element('th', { scope: 'row' }, name.replace('limits.', '')),
    element(
      'td',
      { class: 'number' },
      isChanged && element('del', { class: 'soft' }, words(before)),
      isChanged && ' ',
      words(value),
    ),
  );
}
