/** A machine's drawing that follows one running machine of its kind. */
import { Chart } from './chart.ts';
import { ChartPane } from './chart-pane.ts';
import { element } from './element.ts';
import type { LiveMachine } from './live-call.ts';

export class LiveChart {
  readonly pane: ChartPane;
  readonly #machine: 'call' | 'engine';
  #chart: Chart | undefined;
  #shown: { sessionId: string | undefined; path: string | undefined; movedAt: number } = {
    sessionId: undefined,
    path: undefined,
    movedAt: 0,
  };

  constructor(machine: 'call' | 'engine') {
    this.#machine = machine;
    this.pane = new ChartPane(machine === 'call' ? 'Chart of a call' : 'Chart of the engine');
  }

  /** Once; until then there is nothing to see. */
  async load(): Promise<void> {
    if (this.#chart) return;
    try {
      const chart = await Chart.load(this.#machine);
      this.#chart = chart;
      this.pane.show(chart);
      const { path } = this.#shown;
      chart.light(path);
      this.pane.follow(path);
    } catch (error) {
      const message = element('p', { class: 'problem', role: 'alert' }, String(error));
      this.pane.element.replaceChildren(message);
    }
  }

  get paths(): Iterable<string> {
    return this.#chart?.paths ?? [];
  }

  describe(path: string): string {
    return this.#chart?.describe(path) ?? '';
  }

  /** Lights the state of this machine and shows how it came there. Undefined: nothing is lit. */
  draw(machine: LiveMachine | undefined): void {
    const last = machine?.trail.at(-1);
    const now = { sessionId: machine?.sessionId, path: machine?.path, movedAt: last?.at ?? 0 };
    const before = this.#shown;
    this.#shown = now;
    const isSame = now.sessionId === before.sessionId;
    if (!isSame || now.path !== before.path) {
      this.#chart?.light(now.path);
      this.pane.follow(now.path);
    }
    if (isSame && last && last.at > before.movedAt)
      this.#chart?.flash(last.from, last.eventType, last.to);
  }

  /** Lights a state in which nothing need be. Undefined: none. */
  point(path: string | undefined): void {
    this.#chart?.light(path);
  }

  /** How many machines are in each state; none: the numbers are taken away. */
  count(byPath: ReadonlyMap<string, number>): void {
    this.#chart?.count(byPath);
  }
}
