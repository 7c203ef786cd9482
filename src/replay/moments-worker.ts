/**
 * The worker thread of one question: a call of some thousand rows takes tens of milliseconds to execute
 * again, and live calls must not wait for it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { RecordedEvents } from './journal.ts';
import { momentsOf } from './moments.ts';

export interface MomentsWorkerData {
  events: RecordedEvents;
}

const { events } = workerData as MomentsWorkerData;
parentPort?.postMessage(momentsOf({ events }));
