/** All live calls, the newest on top; one of them is chosen, by pointer or by keys. */
import { CallRow } from './call-row.ts';
import { element } from './element.ts';
import type { LiveCall } from './live-call.ts';

const COLUMNS = ['Caller', 'State', 'For', 'Last words', 'Response'];
const PAGE_ROWS = 10;

export interface CallTableEvents {
  chosen(call: LiveCall): void;
  /** Somebody wants to see all of the call. */
  opened(call: LiveCall): void;
}

export class CallTable {
  readonly element: HTMLElement;
  readonly #events: CallTableEvents;
  readonly #head: HTMLElement;
  readonly #body: HTMLElement;
  readonly #rows = new Map<string, CallRow>();
  #chosen: CallRow | undefined;

  constructor(events: CallTableEvents) {
    this.#events = events;
    const names = COLUMNS.map((name) => element('div', { role: 'columnheader' }, name));
    this.#head = element('div', { class: 'call-head', role: 'row' }, ...names);
    this.#body = element('div', { class: 'call-rows', role: 'rowgroup' });
    this.element = element(
      'div',
      {
        class: 'call-table',
        role: 'grid',
        'aria-label': 'Live calls. Enter opens the whole call.',
        on: { click: (event) => this.#click(event), keydown: (event) => this.#press(event) },
      },
      this.#head,
      this.#body,
    );
  }

  /** Changes what is shown of this call, or shows it from now on. */
  put(call: LiveCall, now: number): void {
    let row = this.#rows.get(call.sessionId);
    if (!row) {
      row = new CallRow(call);
      row.choose(false);
      this.#rows.set(call.sessionId, row);
      this.#body.prepend(row.element);
      this.#keepReachable();
    }
    row.update(call, now);
  }

  /** @returns whether rows went */
  keepOnly(calls: ReadonlyMap<string, LiveCall>): boolean {
    const gone = [...this.#rows.keys()].filter((sessionId) => !calls.has(sessionId));
    for (const sessionId of gone) this.#remove(sessionId);
    return gone.length > 0;
  }

  tick(now: number): void {
    for (const row of this.#rows.values()) row.tick(now);
  }

  choose(sessionId: string | undefined): void {
    this.#chosen?.choose(false);
    this.#chosen = sessionId === undefined ? undefined : this.#rows.get(sessionId);
    this.#chosen?.choose(true);
    this.#keepReachable();
    if (this.#chosen) this.#reveal(this.#chosen.element);
  }

  #remove(sessionId: string): void {
    const row = this.#rows.get(sessionId);
    if (!row) return;
    const hadFocus = row.element === document.activeElement;
    const next = this.#rowAt(row.element.nextElementSibling ?? row.element.previousElementSibling);
    this.#rows.delete(sessionId);
    row.element.remove();
    if (this.#chosen === row) this.#chosen = undefined;
    this.#keepReachable();
    if (hadFocus) next?.element.focus({ preventScroll: true });
  }

  #click(event: Event): void {
    const row = this.#rowAt((event.target as Element).closest('.call-row'));
    if (row) this.#take(row);
  }

  #press(event: Event): void {
    const { key, ctrlKey, metaKey, altKey } = event as KeyboardEvent;
    const current = this.#rowAt(document.activeElement);
    if (!current || ctrlKey || metaKey || altKey) return;
    if (key === 'Enter') {
      this.#events.opened(current.call);
      return;
    }
    const rows = [...this.#body.children];
    const index = rows.indexOf(current.element);
    const targets: Readonly<Record<string, number>> = {
      ArrowUp: index - 1,
      ArrowDown: index + 1,
      PageUp: index - PAGE_ROWS,
      PageDown: index + PAGE_ROWS,
      Home: 0,
      End: rows.length - 1,
      ' ': index,
    };
    const target = targets[key];
    if (target === undefined) return;
    event.preventDefault();
    const row = this.#rowAt(rows[Math.min(Math.max(target, 0), rows.length - 1)] ?? null);
    if (!row) return;
    row.element.focus({ preventScroll: true });
    this.#take(row);
  }

  #take(row: CallRow): void {
    this.choose(row.call.sessionId);
    this.#events.chosen(row.call);
  }

  /** Scrolls the table and nothing around it: the page must not jump when a call is chosen. */
  #reveal({ offsetTop, offsetHeight }: HTMLElement): void {
    const table = this.element;
    const top = offsetTop - this.#head.offsetHeight;
    const bottom = offsetTop + offsetHeight - table.clientHeight;
    if (table.scrollTop > top) table.scrollTop = top;
    else if (table.scrollTop < bottom) table.scrollTop = bottom;
  }

  /** One row can always be reached by Tab: the chosen one, else the first. */
  #keepReachable(): void {
    const first = this.#rowAt(this.#body.firstElementChild);
    for (const row of this.#body.querySelectorAll<HTMLElement>('.call-row[tabindex="0"]')) {
      if (row !== this.#chosen?.element) row.tabIndex = -1;
    }
    if (!this.#chosen && first) first.element.tabIndex = 0;
  }

  #rowAt(place: Element | null): CallRow | undefined {
    const { session } = (place as HTMLElement | null)?.dataset ?? {};
    return session === undefined ? undefined : this.#rows.get(session);
  }
}
