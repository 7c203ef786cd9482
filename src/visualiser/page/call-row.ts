/** One live call in the table; its texts are changed in place. */
import { element, setText } from './element.ts';
import { duration, dwell, maskedNumber, milliseconds, shortSid } from './format.ts';
import type { LiveCall } from './live-call.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';
import { SparkLine } from './spark-line.ts';
import { outcomeName, stateName } from './state-name.ts';

export class CallRow {
  readonly element: HTMLElement;
  #call: LiveCall;
  readonly #caller = element('span', { class: 'first' });
  readonly #sid = element('span', { class: 'second mono' });
  readonly #state = element('span', { class: 'first' });
  readonly #detail = element('span', { class: 'second' });
  readonly #dwell = element('span', { class: 'first number' });
  readonly #age = element('span', { class: 'second number' });
  readonly #who = element('span', { class: 'who' });
  readonly #words = element('bdi', { class: 'words' });
  readonly #response = element('span', { class: 'first number' });
  readonly #spark = new SparkLine();

  constructor(call: LiveCall) {
    this.#call = call;
    const cell = (name: string, ...children: Node[]) =>
      element('div', { class: `cell ${name}`, role: 'gridcell' }, ...children);
    this.element = element(
      'div',
      { class: 'call-row', role: 'row', tabindex: -1, 'data-session': call.sessionId },
      cell('of-caller', this.#caller, this.#sid),
      cell('of-state', this.#state, this.#detail),
      cell('of-dwell', this.#dwell, this.#age),
      cell('of-words', element('p', { class: 'said' }, this.#who, this.#words)),
      cell('of-response', this.#response, this.#spark.element),
    );
  }

  get call(): LiveCall {
    return this.#call;
  }

  update(call: LiveCall, now: number): void {
    this.#call = call;
    const { callSid, callerLast4, path, tags, ended, context } = call;
    const row = this.element;
    setText(this.#caller, callerLast4 ? maskedNumber(callerLast4) : callSid ? 'withheld' : '…');
    setText(this.#sid, callSid ? shortSid(callSid) : '');
    const { name, detail } = stateName(path);
    setText(this.#state, ended ? outcomeName(ended.outcome) : name);
    // The innermost alone: there is no room for more, and the chart has it.
    setText(this.#detail, ended ? (ended.reason ?? '') : (detail.split(' · ').at(-1) ?? ''));
    const isWaiting = context.unanswered === true && name === 'thinking';
    row.classList.toggle('ended', ended !== null);
    row.classList.toggle('caller-floor', tags.includes('callerHasTheFloor'));
    row.classList.toggle('agent-floor', tags.includes('agentHasTheFloor'));
    row.classList.toggle('waiting', isWaiting);
    this.#updateWords();
    this.#updateResponse();
    this.tick(now);
  }

  /** @param now ms of the server's clock */
  tick(now: number): void {
    const { since, startedAt, ended } = this.#call;
    setText(this.#dwell, ended ? '' : dwell(now - since));
    setText(this.#age, duration((ended?.at ?? now) - startedAt));
  }

  choose(isChosen: boolean): void {
    this.element.setAttribute('aria-selected', String(isChosen));
    this.element.tabIndex = isChosen ? 0 : -1;
  }

  #updateWords(): void {
    const { words } = this.#call;
    setText(this.#who, words?.speaker ?? '');
    setText(this.#words, words ? words.text || '…' : '');
    this.#who.className = `who ${words?.speaker ?? ''}`;
  }

  #updateResponse(): void {
    const { responses } = this.#call;
    const last = responses.at(-1);
    setText(this.#response, last === undefined ? '–' : milliseconds(last));
    this.#response.classList.toggle('slow', (last ?? 0) > RESPONSE_LIMIT_MS);
    this.#spark.draw(responses);
  }
}
