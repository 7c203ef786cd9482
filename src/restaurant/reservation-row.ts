import type { ReservationRow } from '../journal/schema.ts';
import { nameKey } from './name-key.ts';
import type { Guest, Reservation } from './reservation-book.ts';

/** The name is empty once it was erased. */
export function reservationOf(row: ReservationRow): Reservation {
  return {
    id: row.id,
    status: row.status,
    date: row.date,
    time: row.time,
    partySize: row.party_size,
    name: row.name ?? '',
    ...(row.phone !== null && { phone: row.phone }),
    ...(row.note !== null && { note: row.note }),
  };
}

type GuestColumns = 'name' | 'name_key' | 'phone' | 'phone_last4' | 'note';

export function guestColumns({ name, phone, note }: Guest): Pick<ReservationRow, GuestColumns> {
  const digits = phone?.replace(/\D/g, '').slice(-4);
  return {
    name,
    name_key: nameKey(name),
    phone: phone ?? null,
    phone_last4: digits || null,
    note: note ?? null,
  };
}
