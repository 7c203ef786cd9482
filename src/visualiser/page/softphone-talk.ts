/** What both sides said, as it becomes history. */
import type { WordsMessage } from '../feed-message.ts';
import { element } from './element.ts';
import { toolCard } from './tool-card.ts';
import { words } from './words.ts';

const SPEAKERS: Readonly<Record<WordsMessage['speaker'], string>> = {
  caller: 'You',
  agent: 'Agent',
  tool: 'Tool',
};

export class SoftphoneTalk {
  readonly element: HTMLElement;
  readonly #list = element('ol', { class: 'talk-list', 'aria-live': 'polite' });
  readonly #empty = element('p', { class: 'empty' });
  /** By turn, with what each row was made of. */
  readonly #rows = new Map<number, { text: string | null; row: HTMLElement }>();

  constructor() {
    this.element = element('div', { class: 'talk' }, this.#empty, this.#list);
    this.clear('What you and the agent say stands here.');
  }

  clear(empty: string): void {
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#empty.textContent = empty;
    this.#empty.hidden = false;
  }

  /** @param turns in their order; only what is new or has changed is made anew */
  show(turns: readonly WordsMessage[]): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    for (const message of turns) this.#put(message);
    this.#empty.hidden = turns.length > 0;
    if (isAtEnd) this.toEnd();
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }

  #put({ turn, speaker, text }: WordsMessage): void {
    const known = this.#rows.get(turn);
    if (known && known.text === text) return;
    const row = element(
      'li',
      { class: `talk-turn ${speaker}` },
      element('p', { class: 'talk-who' }, SPEAKERS[speaker]),
      speaker === 'tool' ? toolCard(text) : said(text),
    );
    if (known) known.row.replaceWith(row);
    else this.#list.append(row);
    this.#rows.set(turn, { text, row });
  }
}

function said(text: string | null): HTMLElement {
  if (text === null) return element('p', { class: 'soft' }, '(being written down …)');
  return element('p', {}, text === '' ? '(nothing intelligible)' : words(text));
}
