/** Four figures of all that goes on. */
import { element, setText } from './element.ts';
import { milliseconds } from './format.ts';
import type { LiveCalls } from './live-calls.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';

export class NowFigures {
  readonly element: HTMLElement;
  readonly #calls = element('dd', { class: 'number' });
  readonly #thinking = element('dd', { class: 'number' });
  readonly #median = element('dd', { class: 'number' });
  readonly #p95 = element('dd', { class: 'number' });

  constructor() {
    const figure = (name: string, value: HTMLElement) =>
      element('div', {}, element('dt', {}, name), value);
    this.element = element(
      'dl',
      { class: 'now-figures' },
      figure('Calls', this.#calls),
      figure('Thinking', this.#thinking),
      figure('Response p50', this.#median),
      figure('Response p95', this.#p95),
    );
  }

  draw(store: LiveCalls, now: number): void {
    const live = [...store.calls.values()].filter(({ ended }) => !ended);
    const thinking = live.filter(({ path }) => path.startsWith('conversation.thinking'));
    const most = store.maxCalls === undefined ? '' : ` of ${store.maxCalls}`;
    setText(this.#calls, `${live.length}${most}`);
    setText(this.#thinking, String(thinking.length));
    const [median, p95] = [store.response(0.5, now), store.response(0.95, now)];
    setText(this.#median, median === undefined ? '–' : milliseconds(median));
    setText(this.#p95, p95 === undefined ? '–' : milliseconds(p95));
    this.#p95.classList.toggle('slow', (p95 ?? 0) > RESPONSE_LIMIT_MS);
  }
}
