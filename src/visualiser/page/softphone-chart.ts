/** The chart of the softphone's own call, with its state, and how it came there. */
import { element, setText } from './element.ts';
import { dwell } from './format.ts';
import type { LiveCall } from './live-call.ts';
import { LiveChart } from './live-chart.ts';
import { stateLine } from './state-name.ts';
import { Trail } from './trail.ts';

export class SoftphoneChart {
  readonly element: HTMLElement;
  readonly #chart = new LiveChart('call');
  readonly #trail = new Trail();
  readonly #state = element('span', { class: 'badge state' });
  readonly #dwell = element('span', { class: 'number soft' });
  readonly #link = element('a', { class: 'subject-link' }, 'Whole call');
  readonly #description = element('p', { class: 'description soft small' });
  #call: LiveCall | undefined;

  constructor() {
    const title = element('h2', {}, 'This call');
    this.element = element(
      'section',
      { class: 'card chart-panel softphone-chart', 'aria-label': 'Chart of this call' },
      element('div', { class: 'chart-bar' }, title, this.#chart.pane.controls),
      element(
        'div',
        { class: 'subject' },
        element('div', { class: 'subject-line' }, this.#state, this.#dwell, this.#link),
        this.#description,
      ),
      element('div', { class: 'chart-body' }, this.#chart.pane.element),
      this.#trail.element,
    );
    this.draw(undefined, null);
  }

  load(): void {
    void this.#chart.load();
  }

  /** @param callSid null: there is no call */
  draw(call: LiveCall | undefined, callSid: string | null): void {
    this.#call = call;
    const isOver = Boolean(call?.ended);
    this.#chart.draw(call);
    this.#trail.draw(call?.trail ?? []);
    setText(this.#state, call ? stateLine(call.path) : '');
    this.#state.hidden = !call;
    setText(this.#description, call ? this.#describe(call) : 'Its states light up as you talk.');
    this.#link.hidden = callSid === null;
    if (callSid) this.#link.setAttribute('href', `#call/${callSid}`);
    if (!call || isOver) setText(this.#dwell, '');
  }

  /** @param now ms of the server's clock */
  tick(now: number): void {
    if (this.#call && !this.#call.ended) setText(this.#dwell, dwell(now - this.#call.since));
  }

  #describe({ path, ended }: LiveCall): string {
    return ended ? 'It is over.' : this.#chart.describe(path);
  }
}
