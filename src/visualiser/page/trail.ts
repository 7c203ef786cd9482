/** The last transitions of a machine, the newest on top. */
import { element, setText } from './element.ts';
import { clockTime } from './format.ts';
import type { Transition } from './live-call.ts';
import { eventName, stateLine } from './state-name.ts';

const SHOWN = 3;

export class Trail {
  readonly element = element('ol', { class: 'trail', 'aria-label': 'Last transitions' });
  readonly #lines = Array.from({ length: SHOWN }, () => ({
    time: element('span', { class: 'number soft' }),
    event: element('span', { class: 'trail-event' }),
    states: element('span', { class: 'trail-states soft' }),
  }));

  constructor() {
    for (const { time, event, states } of this.#lines) {
      this.element.append(element('li', {}, time, event, states));
    }
  }

  /** @param transitions the newest last */
  draw(transitions: readonly Transition[]): void {
    this.#lines.forEach(({ time, event, states }, index) => {
      const transition = transitions.at(-1 - index);
      setText(time, transition ? clockTime(transition.at) : '');
      setText(event, transition ? eventName(transition.eventType) : '');
      const { from = '', to = '' } = transition ?? {};
      setText(states, transition ? `${stateLine(from)} → ${stateLine(to)}` : '');
    });
  }
}
