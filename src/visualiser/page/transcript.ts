/** The conversation as heard; what was cut is struck through. */
import type { TurnJson } from './call-json.ts';
import { element } from './element.ts';
import { exactTime } from './exact-time.ts';
import { duration, milliseconds } from './format.ts';
import { toolCard } from './tool-card.ts';
import type { TranscriptTurn } from './transcript-turns.ts';
import { words } from './words.ts';

const SPEAKERS: Readonly<Record<TurnJson['speaker'], string>> = {
  caller: 'Caller',
  agent: 'Agent',
  tool: 'Tool',
};

/** Whoever looks at the end of what is said wants to see what comes next. */
const NEAR_END_PX = 40;

export class Transcript {
  readonly element = element('ol', { class: 'transcript' });
  readonly #onChosen: (index: number) => void;
  /** With what each row was made of. */
  readonly #rows: { made: string; row: HTMLElement; turn: TranscriptTurn }[] = [];
  #selected: number | undefined;

  constructor(onChosen: (index: number) => void) {
    this.#onChosen = onChosen;
  }

  /** Only what is new or has changed is made anew: somebody may be reading. */
  show(turns: readonly TranscriptTurn[], isLive: boolean): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    for (const [index, turn] of turns.entries()) {
      const made = JSON.stringify([turn, isLive]);
      const known = this.#rows[index];
      if (known?.made === made) continue;
      const row = this.#rowOf(turn, index, isLive);
      if (known) known.row.replaceWith(row);
      else this.element.append(row);
      this.#rows[index] = { made, row, turn };
    }
    this.select(this.#selected, false);
    if (isLive && isAtEnd) this.element.scrollTop = this.element.scrollHeight;
  }

  select(index: number | undefined, scrolls: boolean): void {
    this.#selected = index;
    for (const [i, { row }] of this.#rows.entries()) {
      row.classList.toggle('selected', i === index);
      row.querySelector('.turn-at')?.setAttribute('aria-pressed', String(i === index));
    }
    const row = index === undefined ? undefined : this.#rows[index]?.row;
    if (scrolls && row) this.#bringIntoSight(row);
  }

  /** Within the transcript: the page stays where it is. */
  #bringIntoSight({ offsetTop, offsetHeight }: HTMLElement): void {
    const { scrollTop, clientHeight } = this.element;
    const isAbove = offsetTop < scrollTop;
    const isBelow = offsetTop + offsetHeight > scrollTop + clientHeight;
    if (isAbove || isBelow) this.element.scrollTop = offsetTop - clientHeight / 3;
  }

  /** Shows what has been said by then, and no more; what is being said is not whole yet. */
  reveal(ms: number): void {
    let last: HTMLElement | undefined;
    let isChanged = false;
    for (const { row, turn } of this.#rows) {
      const isSaid = (turn.span?.fromMs ?? turn.historyMs) <= ms;
      row.classList.toggle('unsaid', turn.historyMs > ms);
      isChanged ||= row.hidden === isSaid;
      row.hidden = !isSaid;
      if (isSaid) last = row;
    }
    if (last && isChanged) this.element.scrollTop = last.offsetTop + last.offsetHeight;
  }

  #rowOf(shown: TranscriptTurn, index: number, isLive: boolean): HTMLElement {
    const { turn, span } = shown;
    const at = span && element('span', { class: 'number' }, duration(span.fromMs));
    const button = element(
      'button',
      {
        class: 'turn-at',
        type: 'button',
        disabled: !span,
        'aria-pressed': 'false',
        'aria-label': span
          ? `${SPEAKERS[turn.speaker]} at ${exactTime(span.fromMs)}: show in the lanes`
          : `${SPEAKERS[turn.speaker]}, at a time that is not known`,
        on: { click: () => this.#onChosen(index) },
      },
      at ?? '–',
    );
    const said = turn.speaker === 'tool' ? toolCard(turn.text) : saidBy(shown, isLive);
    return element(
      'li',
      { class: `turn ${turn.speaker}` },
      button,
      turn.speaker !== 'tool' && element('span', { class: 'turn-who' }, SPEAKERS[turn.speaker]),
      said,
    );
  }
}

function saidBy({ turn, unheardMs }: TranscriptTurn, isLive: boolean): HTMLElement {
  const { text, cut } = turn;
  if (text === null) {
    // Our own words are known at once; the caller's are written down later, if at all.
    const callers = isLive ? 'being written down …' : 'not written down';
    const why = turn.speaker === 'agent' ? 'no longer kept' : callers;
    return element('p', { class: 'turn-words soft' }, `(${why})`);
  }
  const nothing = text === '' && element('span', { class: 'soft' }, '(nothing intelligible)');
  const unheard = unheardMs > 0 && `, ${milliseconds(unheardMs)} of sound never heard`;
  const isCut = Boolean(cut) || unheardMs > 0;
  return element(
    'p',
    { class: 'turn-words' },
    nothing || words(text),
    cut && ' ',
    cut && words(cut, 'del'),
    isCut && element('span', { class: 'cut-note' }, ' ✂ cut', unheard),
  );
}
