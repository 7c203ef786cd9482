/** Which days are looked at: today, the last 7 or 30, or any from one to another. */
import { element } from './element.ts';
import { type Period, periodBack, periodProblem } from './period.ts';

const CHOICES: readonly (readonly [days: number, name: string])[] = [
  [1, 'Today'],
  [7, '7 days'],
  [30, '30 days'],
];

export class PeriodChooser {
  readonly element: HTMLElement;
  readonly #onChosen: (period: Period) => void;
  readonly #buttons = new Map<number, HTMLButtonElement>();
  readonly #from = element('input', { type: 'date', id: 'analysis-from', required: true });
  readonly #to = element('input', { type: 'date', id: 'analysis-to', required: true });
  readonly #problem = element('p', { class: 'problem small', role: 'alert' });

  constructor(onChosen: (period: Period) => void) {
    this.#onChosen = onChosen;
    for (const [days, name] of CHOICES) {
      const click = () => this.#choose(periodBack(days, new Date()));
      this.#buttons.set(days, element('button', { type: 'button', on: { click } }, name));
    }
    for (const input of [this.#from, this.#to]) {
      input.addEventListener('change', () => this.#read());
    }
    this.element = element(
      'div',
      { class: 'period' },
      element(
        'div',
        { class: 'segments', role: 'group', 'aria-label': 'Period' },
        ...this.#buttons.values(),
      ),
      element('label', { for: 'analysis-from' }, 'From'),
      this.#from,
      element('label', { for: 'analysis-to' }, 'to'),
      this.#to,
      this.#problem,
    );
  }

  /** Shows what is looked at, and tells nobody. */
  set period({ from, to }: Period) {
    this.#from.value = from;
    this.#to.value = to;
    this.#problem.textContent = '';
    for (const [days, button] of this.#buttons) {
      const preset = periodBack(days, new Date());
      button.setAttribute('aria-pressed', String(preset.from === from && preset.to === to));
    }
  }

  #choose(period: Period): void {
    this.period = period;
    this.#onChosen(period);
  }

  #read(): void {
    const period = { from: this.#from.value, to: this.#to.value };
    const problem = periodProblem(period);
    if (problem) this.#problem.textContent = problem;
    else this.#choose(period);
  }
}
