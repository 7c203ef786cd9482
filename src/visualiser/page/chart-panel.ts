/** The charts: of the chosen call, of all calls as a heat map, of the engine. */
import { ChartSubject } from './chart-subject.ts';
import { element } from './element.ts';
import { HeatList } from './heat-list.ts';
import type { LiveCall } from './live-call.ts';
import type { LiveCalls } from './live-calls.ts';
import { LiveChart } from './live-chart.ts';
import { Trail } from './trail.ts';

export type ChartMode = 'call' | 'all' | 'engine';
const MODES: readonly (readonly [mode: ChartMode, name: string])[] = [
  ['call', 'Chosen call'],
  ['all', 'All calls'],
  ['engine', 'Engine'],
];

export class ChartPanel {
  readonly element: HTMLElement;
  /** Belongs to the heat map, and is put where there is room. */
  readonly heat = new HeatList((path) => this.#call.point(path));
  readonly #store: LiveCalls;
  readonly #call = new LiveChart('call');
  readonly #engine = new LiveChart('engine');
  readonly #subject = new ChartSubject();
  readonly #trail = new Trail();
  readonly #buttons = new Map<ChartMode, HTMLButtonElement>();
  readonly #controls = element('div');
  readonly #body = element('div', { class: 'chart-body' });
  #mode: ChartMode = 'call';
  #chosen: LiveCall | string | undefined;

  /** @param onMode another chart is shown: it is to be drawn */
  constructor(store: LiveCalls, onMode: (mode: ChartMode) => void) {
    this.#store = store;
    for (const [mode, name] of MODES) {
      const click = () => {
        this.#become(mode);
        onMode(mode);
      };
      this.#buttons.set(mode, element('button', { type: 'button', on: { click } }, name));
    }
    const modes = { class: 'segments', role: 'group', 'aria-label': 'Whose chart' };
    const choice = element('div', modes, ...this.#buttons.values());
    this.element = element(
      'section',
      { class: 'card chart-panel', 'aria-label': 'Chart' },
      element('div', { class: 'chart-bar' }, choice, this.#controls),
      this.#subject.element,
      this.#body,
      this.#trail.element,
    );
    this.#become(this.#mode);
  }

  /** @param chosen a CallSid where the address names a call that is not live */
  draw(chosen: LiveCall | string | undefined, now: number): void {
    this.#chosen = chosen;
    if (this.#mode === 'call') this.#drawCall();
    if (this.#mode === 'engine') this.#drawEngine();
    this.#subject.tick(now);
  }

  /** The heat map, which needs no more than a look now and then. */
  drawHeat(now: number): void {
    if (this.#mode !== 'all') return;
    const counts = this.#store.countByPath();
    const outermost = [...counts].filter(([path]) => !path.includes('.'));
    this.#subject.ofAll(outermost.reduce((sum, [, count]) => sum + count, 0));
    this.#call.count(counts);
    // In the machine's order, so that a row stays where it is while its numbers change.
    const places = new Map([...this.#call.paths].map((path, place) => [path, place]));
    const placeOf = ({ path }: { path: string }) => places.get(path) ?? places.size;
    this.heat.draw(this.#store.crowds(now).sort((a, b) => placeOf(a) - placeOf(b)));
  }

  /** @param now ms of the server's clock */
  tick(now: number): void {
    this.#subject.tick(now);
  }

  #drawCall(): void {
    const chosen = this.#chosen;
    const live = typeof chosen === 'string' ? undefined : chosen;
    this.#call.draw(live);
    this.#trail.draw(live?.trail ?? []);
    this.#subject.ofCall(chosen, live ? this.#call.describe(live.path) : '');
  }

  #drawEngine(): void {
    const { engine } = this.#store;
    this.#engine.draw(engine);
    this.#trail.draw(engine?.trail ?? []);
    this.#subject.ofEngine(engine, engine ? this.#engine.describe(engine.path) : '');
  }

  #become(mode: ChartMode): void {
    this.#mode = mode;
    for (const [name, button] of this.#buttons) {
      button.setAttribute('aria-pressed', String(name === mode));
    }
    const { pane } = mode === 'engine' ? this.#engine : this.#call;
    this.#controls.replaceChildren(pane.controls);
    this.#body.replaceChildren(pane.element);
    this.#trail.element.hidden = mode === 'all';
    if (mode === 'all') {
      this.#call.draw(undefined);
      pane.zoom = 'whole';
    } else {
      this.#call.count(new Map());
      pane.zoom = 'readable';
    }
    void (mode === 'engine' ? this.#engine : this.#call).load();
  }
}
