import type { EventSequence } from './event-sequence.ts';
import type { Symptom } from './symptom.ts';

/** A symptom, with the shortest sequence of events that was found to show it. */
export interface Capture {
  sequence: EventSequence;
  symptom: Symptom;
  /** As the call was recorded, where the symptom is that it goes otherwise now. */
  expected: Expected | undefined;
}

export interface Expected {
  path: string;
  /** By the last event; undefined: that is not what differs. */
  told: readonly string[] | undefined;
}
