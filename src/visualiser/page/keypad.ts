/** The keys of a telephone. */
import { element } from './element.ts';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;
const LETTERS: Readonly<Record<string, string>> = {
  2: 'abc',
  3: 'def',
  4: 'ghi',
  5: 'jkl',
  6: 'mno',
  7: 'pqrs',
  8: 'tuv',
  9: 'wxyz',
};
const NAMES: Readonly<Record<string, string>> = { '*': 'star', '#': 'hash' };
/** How long a key looks pressed that was pressed on the keyboard. */
const FLASH_MS = 150;

export class Keypad {
  readonly element: HTMLElement;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #onPressed: (key: string) => void;

  constructor(onPressed: (key: string) => void) {
    this.#onPressed = onPressed;
    for (const key of KEYS) this.#buttons.set(key, this.#button(key));
    this.element = element(
      'div',
      { class: 'keypad', role: 'group', 'aria-label': 'Keys; also on the keyboard' },
      ...this.#buttons.values(),
    );
  }

  set isEnabled(isEnabled: boolean) {
    for (const button of this.#buttons.values()) button.disabled = !isEnabled;
  }

  /** @returns whether it is one of these keys, and can be pressed */
  type(key: string): boolean {
    const button = this.#buttons.get(key);
    if (!button || button.disabled) return false;
    button.classList.add('pressed');
    setTimeout(() => button.classList.remove('pressed'), FLASH_MS);
    this.#onPressed(key);
    return true;
  }

  #button(key: string): HTMLButtonElement {
    return element(
      'button',
      {
        type: 'button',
        disabled: true,
        'aria-label': NAMES[key] ?? key,
        on: { click: () => this.#onPressed(key) },
      },
      element('span', { class: 'key-digit' }, key),
      element('span', { class: 'key-letters' }, LETTERS[key] ?? ''),
    );
  }
}
