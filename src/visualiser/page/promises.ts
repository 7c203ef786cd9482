/** The figures that matter, with what was promised of them. Pure. */
import type { FiguresJson } from './analysis-json.ts';
import { duration, milliseconds, percent } from './format.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';

export interface Tile {
  name: string;
  value: string;
  /** Undefined: nothing is promised of it, or there is nothing to judge. */
  verdict?: 'met' | 'missed' | 'near';
  note: string;
}

/** Shares of all calls that ended and were reached. */
const MOST_FAILED = 0.01;
const LEAST_COMPLETED = 0.9;
/** While a caller waits, and when something has failed. */
const DEAD_AIR_MS = 2500;
const DEAD_AIR_FAULT_MS = 5000;

export function promiseTiles(total: FiguresJson): Tile[] {
  return [
    judged(
      'Response, p95',
      total.latenciesMs.response.p95,
      milliseconds,
      (ms) => ms <= RESPONSE_LIMIT_MS,
      `at most ${RESPONSE_LIMIT_MS} ms`,
    ),
    judged('Failed', total.failedShare, percent, (share) => share < MOST_FAILED, 'less than 1 %'),
    judged(
      'Completed',
      total.completionShare,
      percent,
      (share) => share > LEAST_COMPLETED,
      'more than 90 %',
    ),
    deadAir(total.maxDeadAirMs),
    { name: 'Calls', value: total.calls.toLocaleString('en'), note: bookings(total.reservations) },
    {
      name: 'Average duration',
      value: total.averageDurationS === null ? '–' : duration(total.averageDurationS * 1000),
      note: total.calls > 0 ? `${(total.turns / total.calls).toFixed(1)} turns a call` : '',
    },
  ];
}

function judged(
  name: string,
  value: number | null,
  format: (value: number) => string,
  isMet: (value: number) => boolean,
  promise: string,
): Tile {
  if (value === null) return { name, value: '–', note: promise };
  return { name, value: format(value), verdict: isMet(value) ? 'met' : 'missed', note: promise };
}

function deadAir(ms: number | null): Tile {
  const name = 'Longest dead air';
  const promise = `at most ${milliseconds(DEAD_AIR_MS)}`;
  if (ms === null) return { name, value: '–', note: promise };
  const value = `${(ms / 1000).toFixed(2)} s`;
  if (ms <= DEAD_AIR_MS) return { name, value, verdict: 'met', note: promise };
  if (ms > DEAD_AIR_FAULT_MS) {
    return { name, value, verdict: 'missed', note: `at most ${milliseconds(DEAD_AIR_FAULT_MS)}` };
  }
  const note = `${promise}, more only under a fault`;
  return { name, value, verdict: 'near', note };
}

function bookings(calls: number): string {
  return `${calls.toLocaleString('en')} booked a table`;
}
