/**
 * `npm run stress:bookings`: several processes hold, confirm, move and cancel bookings of one small
 * restaurant at once, some of them killed in the middle, and repeat themselves. Ends with 1 if anything
 * that was acknowledged is lost, doubled, or more than the house seats.
 */
import { parseArgs } from 'node:util';
import { postgresBinaries, startPostgres } from './stress-bookings/embedded-postgres.ts';
import type { Seats } from './stress-bookings/house.ts';
import {
  type ScratchStore,
  scratchDatabase,
  scratchDirectory,
} from './stress-bookings/scratch-store.ts';
import { Progress, tableOf } from './stress-bookings/stress-report.ts';
import { type StressFigures, stressBookings } from './stress-bookings/stress-run.ts';

const USAGE =
  'expected [--operations 10000] [--store sqlite|postgres|both] [--processes 4] [--seed 1] [--kills 20] [--url postgres://...]';
const SEATS: readonly Seats[] = ['tables', 'guests'];

interface Load {
  operations: number;
  processes: number;
  kills: number;
  seed: number;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const { load, stores, url } = readArguments();
  let violations = 0;
  for (const store of stores) {
    const columns = store === 'sqlite' ? await onSqlite(load) : await onPostgres(load, url);
    console.log(`${tableOf(columns)}\n`);
    for (const { figures } of columns) violations += figures.violations.length;
  }
  console.log(violations === 0 ? 'No violations.' : `${violations} violations.`);
  return violations === 0 ? 0 : 1;
}

function onSqlite(load: Load) {
  return onEach('sqlite', load, scratchDirectory);
}

/** Without an address, on a server of its own. */
async function onPostgres(load: Load, url: string | undefined) {
  if (url) return onEach('postgres', load, () => scratchDatabase(url));
  const binaries = postgresBinaries();
  if (!binaries) throw new Error('expected --url, there are no binaries of PostgreSQL here');
  const server = await startPostgres(binaries);
  try {
    return await onEach('postgres', load, () => scratchDatabase(server.url('postgres')));
  } finally {
    await server.stop();
  }
}

/** Half of the operations and kills at each kind of house. */
async function onEach(name: string, load: Load, makeScratch: () => Promise<ScratchStore>) {
  const columns: { title: string; figures: StressFigures }[] = [];
  for (const [index, seats] of SEATS.entries()) {
    const share = (whole: number) => Math.floor((whole + index) / SEATS.length);
    const title = `${name}, ${seats}`;
    const progress = new Progress(title, share(load.operations));
    const scratch = await makeScratch();
    try {
      const figures = await stressBookings({
        ...load,
        store: scratch.store,
        seats,
        operations: share(load.operations),
        kills: share(load.kills),
        onProgress: (figures) => progress.show(figures),
      });
      columns.push({ title, figures });
    } finally {
      progress.clear();
      await scratch.remove();
    }
  }
  return columns;
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      operations: { type: 'string', default: '10000' },
      store: { type: 'string', default: 'both' },
      processes: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
      kills: { type: 'string', default: '20' },
      url: { type: 'string' },
    },
  });
  const whole = (text: string, least: number, most: number) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    console.error(`${USAGE}: whole numbers in reason`);
    process.exit(2);
  };
  const stores = values.store === 'both' ? ['sqlite', 'postgres'] : [values.store];
  if (!stores.every((store) => store === 'sqlite' || store === 'postgres')) {
    console.error(USAGE);
    process.exit(2);
  }
  return {
    load: {
      operations: whole(values.operations, 10, 1_000_000),
      processes: whole(values.processes, 1, 32),
      kills: whole(values.kills, 0, 1000),
      seed: whole(values.seed, 0, 2 ** 31),
    },
    stores,
    url: values.url,
  };
}
