import type { BookingsState } from './call-bookings.ts';

/** What a desk hands to that of the call's next life. */
export interface DeskState {
  bookings: BookingsState;
  /** Of tools, by name. */
  counts: readonly (readonly [name: string, count: number])[];
  /** Of operations of unknown outcome. */
  uncertainKeys: readonly (readonly [work: string, key: string])[];
}

/** @param json as a desk wrote it; undefined: there was none @throws {SyntaxError} */
export function readDeskState(json: string | undefined): DeskState | undefined {
  return json === undefined ? undefined : (JSON.parse(json) as DeskState);
}
