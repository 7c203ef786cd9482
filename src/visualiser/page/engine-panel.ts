/** The engine's machine as a row of its states, and the line in front of it. */
import type { QueueMessage } from '../feed-message.ts';
import { element, setText } from './element.ts';
import { dwell } from './format.ts';
import type { LiveMachine } from './live-call.ts';
import { QueueLanes } from './queue-lanes.ts';
import { stateName } from './state-name.ts';

/** The outer states of the engine's machine, in the order of a life. */
const STATES = ['cold', 'warming', 'ready', 'failing', 'down', 'draining'];

export class EnginePanel {
  readonly element: HTMLElement;
  readonly #states = new Map(
    STATES.map((name) => [name, element('li', { class: 'engine-state' }, name)] as const),
  );
  readonly #since = element('p', { class: 'small soft number' });
  readonly #lanes = new QueueLanes();
  #engine: LiveMachine | undefined;

  constructor() {
    this.element = element(
      'section',
      { class: 'card engine-panel', 'aria-label': 'Engine' },
      element(
        'header',
        {},
        element('h2', {}, 'Engine'),
        this.#since,
        element('span', { class: 'grow' }),
        this.#lanes.wait,
      ),
      element('ol', { class: 'engine-states' }, ...this.#states.values()),
      this.#lanes.element,
    );
  }

  drawEngine(engine: LiveMachine | undefined, now: number): void {
    this.#engine = engine;
    const active = engine && stateName(engine.path).name;
    for (const [name, place] of this.#states) {
      if (name === active) place.setAttribute('aria-current', 'true');
      else place.removeAttribute('aria-current');
    }
    this.tick(now);
  }

  drawQueue(queue: QueueMessage | undefined, now: number): void {
    this.#lanes.draw(queue, now);
  }

  tick(now: number): void {
    this.#lanes.tick(now);
    if (!this.#engine) {
      setText(this.#since, 'nothing is known of it');
      return;
    }
    const { path, since, context } = this.#engine;
    const { name, detail } = stateName(path);
    const failures = Number(context.failures ?? 0);
    const parts = [detail || name, dwell(now - since)];
    if (failures > 0) parts.push(`${failures} failed in a row`);
    setText(this.#since, parts.join(', '));
  }
}
