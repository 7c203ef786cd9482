import type { Profile } from './profile.ts';

export type Seating = Profile['reservations']['seating'];

interface Table {
  place: string;
  seats: number;
}

/**
 * The places that a party takes, of those that are free; undefined when there are none for it.
 *
 * At tables: the smallest free table that seats it. Only a party that no table of the house seats is
 * put at several: those with the fewest spare seats, then the fewest tables. A smaller party is never
 * split because the large tables are taken.
 * By number of guests: as many seats as it has guests.
 *
 * The same arguments give the same places. Names: `t4-2` is the second table of four, `s17` a seat.
 * @throws {RangeError} when the party is not a whole number of at least one guest
 */
export function choosePlaces(
  seating: Seating,
  occupied: ReadonlySet<string>,
  partySize: number,
): string[] | undefined {
  if (!Number.isInteger(partySize) || partySize < 1) {
    throw new RangeError(`expected a party of at least one, got ${partySize}`);
  }
  if ('guests' in seating) return chooseSeats(seating.guests, occupied, partySize);
  const tables = tablesOf(seating.tables);
  const free = tables.filter(({ place }) => !occupied.has(place));
  const single = free.find(({ seats }) => seats >= partySize);
  if (single) return [single.place];
  const largest = tables.at(-1)?.seats ?? 0;
  return partySize > largest ? joinTables(free, partySize, largest) : undefined;
}

function chooseSeats(
  guests: number,
  occupied: ReadonlySet<string>,
  partySize: number,
): string[] | undefined {
  const chosen: string[] = [];
  for (let seat = 1; seat <= guests && chosen.length < partySize; seat += 1) {
    if (!occupied.has(`s${seat}`)) chosen.push(`s${seat}`);
  }
  return chosen.length === partySize ? chosen : undefined;
}

/** Smallest first. A size that the profile lists twice is counted on, so that no name comes twice. */
function tablesOf(sizes: readonly { seats: number; count: number }[]): Table[] {
  const counts = new Map<number, number>();
  for (const { seats, count } of sizes) counts.set(seats, (counts.get(seats) ?? 0) + count);
  return [...counts]
    .sort(([one], [other]) => one - other)
    .flatMap(([seats, count]) =>
      Array.from({ length: count }, (_, index) => ({ place: `t${seats}-${index + 1}`, seats })),
    );
}

/**
 * `fewest[n]` are the fewest tables that have n seats together. A best choice has less than one table
 * to spare: else that table could go. So sums from there on need not be looked at.
 */
function joinTables(
  free: readonly Table[],
  partySize: number,
  largest: number,
): string[] | undefined {
  const most = partySize + largest - 1;
  const fewest: (string[] | undefined)[] = [[]];
  for (const { place, seats } of free) {
    for (let sum = most; sum >= seats; sum -= 1) {
      const rest = fewest[sum - seats];
      if (rest && rest.length + 1 < (fewest[sum]?.length ?? Number.POSITIVE_INFINITY)) {
        fewest[sum] = [...rest, place];
      }
    }
  }
  for (let sum = partySize; sum <= most; sum += 1) if (fewest[sum]) return fewest[sum];
  return undefined;
}
