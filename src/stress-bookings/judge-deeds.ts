/** Holds what was acknowledged against what the database says. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { OperationRow, ReservationRow } from '../journal/schema.ts';
import type { Wish } from '../restaurant/reservation-book.ts';
import { type Deed, isDone, mayHaveHappened } from './history.ts';
import type { Violation } from './violation.ts';

export interface Kept {
  reservations: readonly ReservationRow[];
  operations: readonly OperationRow[];
}

export function judgeDeeds(deeds: readonly Deed[], kept: Kept): Violation[] {
  const bySid = Map.groupBy(kept.reservations, ({ call_sid }) => call_sid);
  const byKey = new Map(kept.operations.map((row) => [row.key, row.result]));
  const byBooking = Map.groupBy(deeds, ({ operation }) =>
    operation.kind === 'hold' ? undefined : operation.id,
  );
  const holds = deeds.filter(({ operation }) => operation.kind === 'hold');
  const asked = new Set(holds.map(({ operation }) => operation.key));
  return [
    ...kept.reservations
      .filter(({ call_sid }) => !asked.has(call_sid ?? ''))
      .map(({ id }): Violation => ({ kind: 'invented', about: id })),
    ...deeds.flatMap((deed) => judgeRepeats(deed, byKey.get(deed.operation.key))),
    ...holds.flatMap((hold) => judgeHold(hold, bySid.get(hold.operation.key) ?? [])),
    ...holds.flatMap((hold) => {
      const [row] = bySid.get(hold.operation.key) ?? [];
      const later = byBooking.get(row?.id) ?? [];
      return row ? [...judgeStatus(hold, later, row), ...judgeWish(hold, later, row)] : [];
    }),
  ];
}

function judgeRepeats({ operation, outcome, contradictions }: Deed, result?: string): Violation[] {
  if (!outcome) return [];
  const { key } = operation;
  const found: Violation[] = [];
  if (contradictions > 0) found.push({ kind: 'repeat', about: `${key}: answers that differ` });
  if (!result || !isDeepStrictEqual(JSON.parse(result), outcome)) {
    found.push({ kind: 'repeat', about: `${key}: expected its result to be kept` });
  }
  return found;
}

function judgeHold(hold: Deed, rows: readonly ReservationRow[]): Violation[] {
  const { key } = hold.operation;
  if (rows.length > 1) return [{ kind: 'doubled', about: `${key}: ${rows.length} bookings` }];
  const [row] = rows;
  if (hold.outcome?.done && row?.id !== hold.outcome.reservation.id) {
    return [{ kind: 'lost', about: `${key}: its booking` }];
  }
  return row && !mayHaveHappened(hold) ? [{ kind: 'invented', about: `${key}: refused` }] : [];
}

function judgeStatus(hold: Deed, later: readonly Deed[], row: ReservationRow): Violation[] {
  const of = (kind: string) => later.filter(({ operation }) => operation.kind === kind);
  const [confirms, cancels] = [of('confirm'), of('cancel')];
  const { id, status } = row;
  const lapsed = judgeLapse(hold, confirms, id);
  if (cancels.some(isDone)) {
    return status === 'cancelled' ? lapsed : [...lapsed, { kind: 'undone', about: id }];
  }
  const isLost =
    confirms.some(isDone) &&
    status !== 'confirmed' &&
    !(status === 'cancelled' && cancels.some(mayHaveHappened));
  const isInvented =
    (status === 'confirmed' && !confirms.some(mayHaveHappened)) ||
    (status === 'cancelled' && !cancels.some(mayHaveHappened));
  if (isLost) lapsed.push({ kind: 'lost', about: `${id}: confirmed, and is ${status}` });
  if (isInvented) lapsed.push({ kind: 'invented', about: `${id}: ${status}` });
  return lapsed;
}

/** By the clock of the house, which all processes share. */
function judgeLapse(hold: Deed, confirms: readonly Deed[], id: string): Violation[] {
  const expiresAt = hold.outcome?.done ? hold.outcome.expiresAt : undefined;
  if (expiresAt === undefined) return [];
  const inTime = confirms.filter(({ begunAt }) => begunAt <= expiresAt);
  const late = confirms.some(isDone) && !inTime.some(mayHaveHappened);
  const early = confirms.some(
    ({ outcome, endedAt }) =>
      outcome?.done === false && outcome.reason === 'expired' && endedAt < expiresAt,
  );
  return [
    ...(late ? [{ kind: 'lapsed', about: `${id}: confirmed too late` } as const] : []),
    ...(early ? [{ kind: 'lapsed', about: `${id}: refused too early` } as const] : []),
  ];
}

/** It is where it was put by the hold or by a change after which none was both begun and done. */
function judgeWish(hold: Deed, later: readonly Deed[], row: ReservationRow): Violation[] {
  const moves = [hold, ...later.filter(({ operation }) => operation.kind === 'change')];
  const last = moves
    .filter(mayHaveHappened)
    .filter((move) => !moves.some((other) => isDone(other) && other.begunTick > move.endedTick));
  const isThere = last.some(({ operation }) => {
    if (operation.kind === 'hold') return isAt(row, operation.hold);
    return operation.kind === 'change' && isAt(row, operation.wish);
  });
  return isThere ? [] : [{ kind: 'moved', about: `${row.id}: ${row.date} ${row.time}` }];
}

function isAt(row: ReservationRow, { date, time, partySize }: Wish): boolean {
  return row.date === date && row.time === time && row.party_size === partySize;
}
