/** The drawing of the call machine at one moment of a finished call. */
import { Chart } from './chart.ts';
import { ChartPane } from './chart-pane.ts';
import { element } from './element.ts';
import type { Moment } from './scrub.ts';

export class PastChart {
  readonly pane = new ChartPane('Chart of the call');
  #chart: Chart | undefined;

  /** Never rejects: without the drawing there is still all the rest to see. */
  async load(): Promise<void> {
    try {
      this.#chart = await Chart.load('call');
      this.pane.show(this.#chart);
    } catch (error) {
      const message = element('p', { class: 'problem', role: 'alert' }, String(error));
      this.pane.element.replaceChildren(message);
    }
  }

  /** @param isNext this moment follows the one that was shown: the transition flashes */
  show(moment: Moment, previous: Moment | undefined, isNext: boolean): void {
    this.#chart?.light(moment.path);
    if (previous && isNext) this.#chart?.flash(previous.path, moment.event, moment.path);
    this.pane.follow(moment.path);
  }
}
