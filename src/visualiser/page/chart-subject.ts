/** One line above a chart: whose it is, in which state, for how long, and what that state is for. */
import { element, setText } from './element.ts';
import { dwell, maskedNumber, shortSid } from './format.ts';
import type { LiveCall, LiveMachine } from './live-call.ts';
import { outcomeName, stateLine } from './state-name.ts';

export class ChartSubject {
  readonly element: HTMLElement;
  readonly #title = element('h2');
  readonly #sid = element('span', { class: 'mono soft' });
  readonly #state = element('span', { class: 'badge state' });
  readonly #dwell = element('span', { class: 'number soft' });
  readonly #whole = element('a', { class: 'subject-link' }, 'Whole call');
  readonly #description = element('p', { class: 'description soft small' });
  #since: number | undefined;

  constructor() {
    const parts = [this.#title, this.#sid, this.#state, this.#dwell, this.#whole];
    const line = element('div', { class: 'subject-line' }, ...parts);
    this.element = element('div', { class: 'subject' }, line, this.#description);
  }

  /** @param call its CallSid where it is no live one; undefined: none is chosen */
  ofCall(call: LiveCall | string | undefined, description: string): void {
    if (call === undefined || typeof call === 'string') {
      this.#name(call ? 'This call is over' : 'No call', call ?? null);
      const hint = call ? 'What was written down of it stays.' : 'The next one is shown here.';
      this.#settle('', undefined, hint);
      return;
    }
    const { callSid, callerLast4, ended, path, since } = call;
    this.#name(callSid ? maskedNumber(callerLast4) : 'Connecting', callSid);
    if (ended) this.#settle(outcomeName(ended.outcome), undefined, 'It has ended.');
    else this.#settle(stateLine(path), since, description);
  }

  ofEngine(engine: LiveMachine | undefined, description: string): void {
    this.#name('Engine', null);
    this.#settle(engine ? stateLine(engine.path) : '', engine?.since, description);
  }

  ofAll(count: number): void {
    this.#name(count === 1 ? '1 call' : `${count} calls`, null);
    this.#settle('', undefined, 'How many are in each state: the fuller, the warmer.');
  }

  /** @param now ms of the server's clock */
  tick(now: number): void {
    setText(this.#dwell, this.#since === undefined ? '' : dwell(now - this.#since));
  }

  #name(title: string, callSid: string | null): void {
    setText(this.#title, title);
    setText(this.#sid, callSid ? shortSid(callSid) : '');
    this.#whole.hidden = callSid === null;
    if (callSid) this.#whole.setAttribute('href', `#call/${callSid}`);
  }

  #settle(state: string, since: number | undefined, description: string): void {
    setText(this.#state, state);
    this.#state.hidden = state === '';
    this.#since = since;
    setText(this.#description, description);
  }
}
