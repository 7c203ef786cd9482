/** All calls, newest first, a page at a time. */
import type { Api } from './api.ts';
import { type CallJson, type CallPageJson, isLive } from './call-json.ts';
import { element } from './element.ts';
import { dayTime, duration, maskedNumber, milliseconds, shortSid } from './format.ts';
import type { LiveFeed } from './live-feed.ts';
import { outcomeBadge } from './outcome-badge.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';
import { outcomeName } from './state-name.ts';
import type { PageParts, View } from './view.ts';
import { words } from './words.ts';

const PAGE_ROWS = 30;
const DAY_MS = 24 * 3_600_000;
/** After a call began or ended; calls that do so together are read of once. */
const SETTLE_MS = 700;
/** Of the call machine, and of what the telephone network says where nobody was reached. */
const OUTCOMES = [
  ...['completed', 'abandoned', 'timedOut', 'handedOff', 'voicemail', 'machine'],
  ...['lost', 'continued', 'refused', 'failed', 'busy', 'noAnswer', 'canceled'],
];
const COLUMNS: readonly [name: string, look: string][] = [
  ['When', ''],
  ['Caller', ''],
  ['Length', 'right'],
  ['Answers', 'right'],
  ['Barge-ins', 'right'],
  ['p50 / p95', 'right'],
  ['Outcome', ''],
  ['Summary', 'wide'],
  ['', ''],
];

export class CallsView implements View {
  readonly #api: Api;
  readonly #feed: LiveFeed;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unlisten: (() => void) | undefined;
  /** Of the pages before this one. */
  #cursors: string[] = [];
  #next: string | null = null;
  #filter = { outcome: '', day: '' };
  #rows = element('tbody');
  #status = element('p', { class: 'soft small', role: 'status' });
  #problem = element('p', { class: 'problem', role: 'alert' });
  readonly #newer = pageButton('‹ Newer', () => this.#turnPage(-1));
  readonly #older = pageButton('Older ›', () => this.#turnPage(1));

  constructor({ api, feed }: PageParts) {
    this.#api = api;
    this.#feed = feed;
  }

  show(main: HTMLElement): void {
    this.#cursors = [];
    main.append(
      element('header', { class: 'view-head' }, element('h1', {}, 'Calls'), this.#filters()),
      this.#problem,
      this.#table(),
      element(
        'nav',
        { class: 'pages', 'aria-label': 'Pages' },
        this.#newer,
        this.#status,
        this.#older,
      ),
    );
    this.#unlisten = this.#feed.listen(({ type }) => {
      const isNews = type === 'visualiser.call' || type === 'visualiser.ended';
      if (isNews && this.#cursors.length === 0) this.#readSoon();
    });
    void this.#read();
  }

  hide(): void {
    this.#unlisten?.();
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #filters(): HTMLElement {
    const outcome = element(
      'select',
      { on: { change: () => this.#refilter({ outcome: outcome.value }) } },
      element('option', { value: '' }, 'any outcome'),
      ...OUTCOMES.map((name) => element('option', { value: name }, outcomeName(name))),
    );
    outcome.value = this.#filter.outcome;
    const day = element('input', {
      type: 'date',
      on: { change: () => this.#refilter({ day: day.value }) },
    });
    day.value = this.#filter.day;
    return element(
      'div',
      { class: 'view-actions filters' },
      element('label', {}, 'Day ', day),
      element('label', {}, 'Outcome ', outcome),
    );
  }

  #table(): HTMLElement {
    const heads = COLUMNS.map(([name, look]) => element('th', { scope: 'col', class: look }, name));
    const head = element('thead', {}, element('tr', {}, ...heads));
    return element('div', { class: 'card calls-list' }, element('table', {}, head, this.#rows));
  }

  #refilter(change: Partial<{ outcome: string; day: string }>): void {
    this.#filter = { ...this.#filter, ...change };
    this.#cursors = [];
    void this.#read();
  }

  #turnPage(by: 1 | -1): void {
    if (by < 0) this.#cursors.pop();
    else if (this.#next) this.#cursors.push(this.#next);
    void this.#read();
  }

  #readSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#read();
    }, SETTLE_MS);
  }

  async #read(): Promise<void> {
    // What was asked before is not wanted any more.
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const page = await this.#api.get<CallPageJson>(`calls?${this.#query()}`, signal);
      if (signal.aborted) return;
      this.#problem.textContent = '';
      this.#draw(page);
    } catch (error) {
      if (signal.aborted) return;
      this.#problem.textContent = `The calls cannot be shown: ${(error as Error).message}`;
    }
  }

  #query(): URLSearchParams {
    const query = new URLSearchParams({ limit: String(PAGE_ROWS) });
    const cursor = this.#cursors.at(-1);
    if (cursor) query.set('cursor', cursor);
    const { outcome, day } = this.#filter;
    if (outcome) query.set('outcome', outcome);
    if (day) {
      // Midnight of the viewer's clock; the day after, as some days have 23 hours.
      const from = new Date(`${day}T00:00`);
      const to = new Date(from.getTime() + 1.5 * DAY_MS);
      to.setHours(0, 0, 0, 0);
      query.set('from', from.toISOString());
      query.set('to', to.toISOString());
    }
    return query;
  }

  #draw({ calls, next }: CallPageJson): void {
    this.#next = next;
    const focused = document.activeElement?.getAttribute('href');
    const { now } = this.#feed;
    this.#rows.replaceChildren(
      ...(calls.length > 0 ? calls.map((call) => callRow(call, now)) : [emptyRow()]),
    );
    // The list is read again while somebody goes through it by keys.
    if (focused) this.#rows.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
    this.#newer.disabled = this.#cursors.length === 0;
    this.#older.disabled = next === null;
    const page = this.#cursors.length + 1;
    this.#status.textContent = next === null && page === 1 ? '' : `Page ${page}`;
  }
}

function callRow(call: CallJson, now: number): HTMLElement {
  const live = isLive(call, now);
  const { call_sid: sid, duration_ms, latencies } = call;
  const began = Date.parse(call.started_at);
  const lengthMs = duration_ms ?? (live ? now - began : undefined);
  const { response } = latencies ?? {};
  const late = (response?.p95 ?? 0) > RESPONSE_LIMIT_MS;
  const number = (value: string | number, look = '') =>
    element('td', { class: `right number ${look}` }, value);
  return element(
    'tr',
    { class: live ? 'call-line live' : 'call-line' },
    element(
      'td',
      { class: 'when number' },
      element('a', { href: `#call/${sid}`, title: sid }, dayTime(began)),
      element('span', { class: 'mono soft' }, shortSid(sid)),
    ),
    element('td', { class: 'number nowrap' }, maskedNumber(call.caller_last4)),
    number(lengthMs === undefined ? '–' : duration(lengthMs)),
    number(call.turns),
    number(call.interruptions),
    number(
      response ? `${milliseconds(response.p50)} / ${milliseconds(response.p95)}` : '–',
      late ? 'late nowrap' : 'nowrap',
    ),
    element('td', {}, outcomeBadge(call, live)),
    element(
      'td',
      { class: 'wide' },
      call.summary && element('div', { class: 'brief' }, words(call.summary)),
    ),
    element(
      'td',
      { class: 'right' },
      !live &&
        element(
          'a',
          {
            class: 'rewind',
            href: `#past/${sid}`,
            'aria-label': `Back in time, call of ${dayTime(began)}`,
            title: 'Back in time',
          },
          '⟲',
        ),
    ),
  );
}

function emptyRow(): HTMLElement {
  return element(
    'tr',
    {},
    element('td', { class: 'empty', colspan: COLUMNS.length }, 'No such calls.'),
  );
}

function pageButton(label: string, act: () => void): HTMLButtonElement {
  return element('button', { type: 'button', disabled: true, on: { click: act } }, label);
}
