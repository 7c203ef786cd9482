/** The states in which calls are: how many, for how long. */
import { element, setText } from './element.ts';
import { dwell } from './format.ts';
import type { StateCrowd } from './state-crowds.ts';
import { stateName } from './state-name.ts';

interface Row {
  element: HTMLTableRowElement;
  count: HTMLElement;
  longest: HTMLElement;
  p95: HTMLElement;
}

export class HeatList {
  readonly element: HTMLElement;
  readonly #point: (path: string | undefined) => void;
  readonly #body = element('tbody');
  readonly #rows = new Map<string, Row>();

  /** @param point tells at which state somebody points; undefined: at none any more */
  constructor(point: (path: string | undefined) => void) {
    this.#point = point;
    const head = ['State', 'Calls', 'Longest', 'p95'];
    this.element = element(
      'div',
      { class: 'heat-list' },
      element(
        'table',
        {},
        element(
          'caption',
          { class: 'small soft' },
          'Calls by state; p95 of the time that they stayed, last 5 minutes',
        ),
        element(
          'thead',
          {},
          element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name))),
        ),
        this.#body,
      ),
    );
  }

  /** @param crowds in the order in which they are listed */
  draw(crowds: readonly StateCrowd[]): void {
    const most = Math.max(1, ...crowds.map(({ count }) => count));
    crowds.forEach(({ path, count, longestMs, p95Ms }, index) => {
      const row = this.#rowOf(path);
      setText(row.count, count > 0 ? String(count) : '–');
      setText(row.longest, count > 0 ? dwell(longestMs) : '–');
      setText(row.p95, p95Ms === undefined ? '–' : dwell(p95Ms));
      row.element.classList.toggle('nobody', count === 0);
      row.element.style.setProperty('--heat', String(count / most));
      const place = this.#body.children[index] ?? null;
      if (place !== row.element) this.#body.insertBefore(row.element, place);
    });
    const listed = new Set(crowds.map(({ path }) => path));
    for (const [path, row] of this.#rows) {
      if (listed.has(path)) continue;
      row.element.remove();
      this.#rows.delete(path);
    }
  }

  #rowOf(path: string): Row {
    const known = this.#rows.get(path);
    if (known) return known;
    const cell = () => element('td', { class: 'number' });
    const [count, longest, p95] = [cell(), cell(), cell()];
    const { name, detail } = stateName(path);
    const on = {
      pointerenter: () => this.#point(path),
      focus: () => this.#point(path),
      pointerleave: () => this.#point(undefined),
      blur: () => this.#point(undefined),
    };
    const label = {
      type: 'button',
      class: 'heat-state',
      'aria-label': `Show ${name} ${detail}`,
      on,
    };
    const button = element('button', label, name, ' ', element('span', { class: 'soft' }, detail));
    const heading = element('th', { scope: 'row' }, button);
    const row = { element: element('tr', {}, heading, count, longest, p95), count, longest, p95 };
    this.#rows.set(path, row);
    return row;
  }
}
