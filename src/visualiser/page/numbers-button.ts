/** Shows the numbers of a call to whoever asks for them and may see them. */
import type { Api } from './api.ts';
import { element } from './element.ts';
import { words } from './words.ts';

interface NumbersJson {
  numbers: readonly { of: string; number: string }[];
}

export class NumbersButton {
  readonly element: HTMLElement;
  readonly #api: Api;
  readonly #callSid: string;
  readonly #signal: AbortSignal;
  readonly #button: HTMLButtonElement;
  readonly #shown = element('span', { class: 'numbers', role: 'status' });

  constructor(api: Api, callSid: string, signal: AbortSignal) {
    this.#api = api;
    this.#callSid = callSid;
    this.#signal = signal;
    this.#button = element(
      'button',
      { type: 'button', on: { click: () => void this.#ask() } },
      'Show numbers',
    );
    this.element = element('div', { class: 'numbers-part' }, this.#shown, this.#button);
  }

  async #ask(): Promise<void> {
    this.#button.disabled = true;
    try {
      const path = `calls/${encodeURIComponent(this.#callSid)}/numbers`;
      const { numbers } = await this.#api.get<NumbersJson>(path, this.#signal);
      const each = numbers.map(({ of, number }) => element('span', {}, words(`${of} ${number}`)));
      this.#shown.className = 'numbers number';
      if (each.length > 0) this.#shown.replaceChildren(...each);
      else this.#shown.textContent = 'No number is kept of this call.';
      this.#button.hidden = true;
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#shown.className = 'numbers problem';
      this.#shown.textContent = (error as Error).message;
    } finally {
      this.#button.disabled = false;
    }
  }
}
