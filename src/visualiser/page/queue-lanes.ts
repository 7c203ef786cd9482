/** The line in front of the engine, as three lanes: in line, in the slot, streaming. */
import type { QueueEntryView, QueueMessage } from '../feed-message.ts';
import { element, setText } from './element.ts';
import { dwell, milliseconds } from './format.ts';

const LANES: readonly (readonly [stage: QueueEntryView['stage'], name: string])[] = [
  ['line', 'In line'],
  ['slot', 'In the slot'],
  ['streaming', 'Streaming'],
];
/** Chips in a lane, more than there is room for; the number of all stands beside it. */
const MOST = 16;

interface Chip {
  element: HTMLElement;
  age: HTMLElement;
  /** When the request came to this lane, ms of the server's clock. */
  since: number;
}

interface Lane {
  stage: QueueEntryView['stage'];
  count: HTMLElement;
  chips: HTMLElement;
}

export class QueueLanes {
  readonly element: HTMLElement;
  readonly wait = element('p', { class: 'small soft number' });
  readonly #lanes: Lane[];
  #chips = new Map<string, Chip>();

  constructor() {
    this.#lanes = LANES.map(([stage]) => ({
      stage,
      count: element('span', { class: 'queue-count number' }, '0'),
      chips: element('ul', { class: 'queue-chips' }),
    }));
    const rows = this.#lanes.map((lane, index) =>
      element(
        'div',
        { class: 'queue-lane' },
        element('dt', {}, LANES[index]?.[1] ?? '', lane.count),
        element('dd', {}, lane.chips),
      ),
    );
    this.element = element('dl', { class: 'queue-lanes' }, ...rows);
  }

  draw(queue: QueueMessage | undefined, now: number): void {
    const kept = new Map<string, Chip>();
    for (const { stage, count, chips } of this.#lanes) {
      const entries = queue?.entries.filter((entry) => entry.stage === stage) ?? [];
      setText(count, String(entries.length));
      const drawn = entries.slice(0, MOST).map((entry, index) => {
        const chip = this.#chipOf(entry, queue?.at ?? now, kept);
        // One word is enough for neighbours of the same priority.
        chip.classList.toggle('follows', entries[index - 1]?.priority === entry.priority);
        return chip;
      });
      chips.replaceChildren(...drawn);
    }
    this.#chips = kept;
    const waitMs = queue?.predictedWaitMs;
    setText(this.wait, waitMs === undefined ? '' : `expected wait ${milliseconds(waitMs)}`);
    this.tick(now);
  }

  tick(now: number): void {
    for (const { age, since } of this.#chips.values()) setText(age, dwell(now - since));
  }

  #chipOf(entry: QueueEntryView, at: number, kept: Map<string, Chip>): HTMLElement {
    const { id, stage, priority, callSid, sinceMs } = entry;
    const key = `${id} ${stage} ${priority}`;
    const chip = this.#chips.get(key) ?? newChip(priority, callSid);
    chip.since = at - sinceMs;
    kept.set(key, chip);
    return chip.element;
  }
}

function newChip(priority: QueueEntryView['priority'], callSid: string | null): Chip {
  const age = element('span', { class: 'number' });
  const chip = element(
    'li',
    { class: `queue-chip ${priority}`, title: priority },
    element('span', { class: 'queue-priority' }, priority),
    callSid && element('span', { class: 'mono' }, callSid.slice(-4)),
    age,
  );
  return { element: chip, age, since: 0 };
}
