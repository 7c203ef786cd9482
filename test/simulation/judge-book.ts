/** What must stand in the book of reservations when all calls are over. */
import type { ReservationRow } from '../../src/journal/schema.ts';
import type { Phone } from './phone.ts';
import type { World } from './world.ts';

export function judgeBook(world: World): void {
  judgeTwins(world);
  for (const phone of world.phones) {
    const rows = world.database.rows<ReservationRow>(
      'select * from reservations where call_sid = ?',
      phone.callSid,
    );
    judgeTold(world, phone, rows);
    judgeAsked(world, phone, rows);
    judgeHeld(world, phone, rows);
  }
}

/** Nobody has the same table twice. */
function judgeTwins(world: World): void {
  const twice = world.database.rows<{ count: number }>(
    `select count(*) as count from reservations where status = 'confirmed'
     group by call_sid, date, time, party_size, name having count(*) > 1`,
  );
  if (twice.length > 0) world.violated('noDoubleBooking', `${twice.length} wishes booked twice`);
}

/** What the call says that it booked. */
function judgeTold(world: World, { index, callSid, record }: Phone, rows: ReservationRow[]): void {
  for (const id of record?.reservationIds ?? []) {
    const status = rows.find((row) => row.id === id)?.status;
    if (status === 'confirmed' || status === 'cancelled') continue;
    world.violated('noLostBooking', `call ${index} (${callSid}): a booking is ${status}`);
  }
}

/** A table is taken for each time that the model asked for one, at most. */
function judgeAsked(world: World, { index, tablesAsked }: Phone, rows: ReservationRow[]): void {
  for (const { name, party_size } of rows) {
    const taken = rows.filter((row) => row.name === name && row.party_size === party_size).length;
    const asked = tablesAsked.get(`${name} ${party_size}`) ?? 0;
    if (taken <= asked) continue;
    world.violated('noDoubleBooking', `call ${index}: ${taken} tables, asked for ${asked} times`);
  }
}

/** What a call holds for a day gives way when it holds another table for that day. */
function judgeHeld(world: World, phone: Phone, rows: ReservationRow[]): void {
  const { index, record, hasFailedTool } = phone;
  // What failed or came too late may be left; it lapses.
  if (!record || hasFailedTool || record.toolCalls['hold_table.refused']) return;
  if (UNSURE.some((kind) => world.faults.has(kind))) return;
  const held = rows.filter(({ status }) => status === 'held').length;
  if (held > 1) world.violated('heldOnce', `call ${index} holds ${held} tables for one day`);
}

/** Holds lapse before their time, or are not given back any more. */
const UNSURE = ['clockJumps', 'kills', 'drains'];
