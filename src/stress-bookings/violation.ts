/**
 * What must never be.
 * - `lost`: acknowledged, and not in the database. `undone`: cancelled, and alive.
 * - `invented`: in the database, and nobody asked for it. `moved`: at a time that nobody chose last.
 * - `doubled`: two bookings of one operation. `repeat`: another answer to the same key, or none kept.
 * - `lapsed`: a hold confirmed after its time, or refused before it.
 * - `overCapacity`: more guests at once than there are seats. `occupancy`: the places held are not
 *   those of the booking.
 * - `failed`, `stuck`, `unfinished`: an error, no answer, no end.
 */
export interface Violation {
  kind:
    | 'lost'
    | 'undone'
    | 'invented'
    | 'moved'
    | 'doubled'
    | 'repeat'
    | 'lapsed'
    | 'overCapacity'
    | 'occupancy'
    | 'failed'
    | 'stuck'
    | 'unfinished';
  /** The key or booking, and what was expected of it. */
  about: string;
}
