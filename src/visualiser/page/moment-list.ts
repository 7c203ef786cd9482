/** The events around one moment, that moment in the middle; never more than fit to be read. */
import { element } from './element.ts';
import { exactTime } from './exact-time.ts';
import { around, type Moment } from './scrub.ts';
import { eventName, stateLine } from './state-name.ts';

const SHOWN = 9;

export class MomentList {
  readonly element: HTMLElement;
  readonly #list = element('ol', { class: 'moments' });
  readonly #onChosen: (index: number) => void;

  constructor(onChosen: (index: number) => void) {
    this.#onChosen = onChosen;
    this.element = this.#list;
  }

  show(moments: readonly Moment[], index: number, startedAt: number): void {
    const hadFocus = this.#list.contains(document.activeElement);
    const [from, to] = around(index, SHOWN, moments.length);
    const rows = moments.slice(from, to).map((moment, i) => {
      const isSame = moments[from + i - 1]?.path === moment.path;
      return this.#row(moment, from + i, { isCurrent: from + i === index, isSame, startedAt });
    });
    this.#list.replaceChildren(...rows);
    if (hadFocus) this.#list.querySelector<HTMLElement>('[aria-current]')?.focus();
  }

  #row(
    { at, event, path }: Moment,
    index: number,
    { isCurrent, isSame, startedAt }: { isCurrent: boolean; isSame: boolean; startedAt: number },
  ): HTMLElement {
    const button = element(
      'button',
      {
        type: 'button',
        'aria-current': isCurrent && 'step',
        on: { click: () => this.#onChosen(index) },
      },
      element('span', { class: 'number soft' }, exactTime(at - startedAt)),
      element('span', { class: 'moment-event' }, eventName(event)),
      element('span', { class: isSame ? 'moment-path soft same' : 'moment-path' }, stateLine(path)),
    );
    return element('li', {}, button);
  }
}
