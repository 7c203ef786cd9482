import { openDatabase } from '../journal/open-database.ts';
import { SeededRandom } from '../simulators/twilio/seeded-random.ts';
import { type Deed, History } from './history.ts';
import { houseClock, houseWith, type Seats } from './house.ts';
import { judgeDeeds } from './judge-deeds.ts';
import { judgeSeating } from './judge-seating.ts';
import type { Operation } from './operation.ts';
import { OperationSource } from './operation-source.ts';
import { type Result, StressChild } from './stress-child.ts';
import type { Store, StressSettings } from './stress-process.ts';
import type { Violation } from './violation.ts';

export interface StressOptions {
  /** Empty, and nobody else's. */
  store: Store;
  seats: Seats;
  operations: number;
  processes: number;
  /** How many processes are killed over their work; each is replaced. */
  kills: number;
  seed: number;
  onProgress?: (figures: StressFigures) => void;
}

export interface StressFigures {
  /** Times that an operation was asked for, repeats included. */
  asked: number;
  acknowledged: number;
  /** Of these, answers to a key that had been answered before. */
  repeated: number;
  /** The book said that it could not be reached. */
  unavailable: number;
  /** The process died over it. */
  lost: number;
  /** Of these, kept by the database and never acknowledged, not even to a repeat. */
  unheard: number;
  kills: number;
  /** Acknowledged for the first time, and done. */
  done: Record<string, number>;
  refused: Record<string, number>;
  seconds: number;
  violations: Violation[];
}

/** Operations that each process works on at once. */
const IN_FLIGHT = 4;
/** A run that is slower than this, in ms an operation, hangs. */
const SLOWEST_MS = 100;
const START_MS = 60_000;
/** After it was due: a process dies at a moment of its own. */
const KILL_WITHIN_MS = 20;

/** Many processes at one book, some of them killed; then everything is held against the database. */
export async function stressBookings(options: StressOptions): Promise<StressFigures> {
  const run = new StressRun(options);
  const database = await openDatabase(options.store);
  try {
    await run.perform();
    const [reservations, occupancy, operations] = await Promise.all([
      database.db.selectFrom('reservations').selectAll().execute(),
      database.db.selectFrom('occupancy').selectAll().execute(),
      database.db.selectFrom('operations').selectAll().execute(),
    ]);
    const { seating } = houseWith(options.seats).reservations;
    const heard = run.deeds.filter(({ outcome }) => outcome).length;
    run.figures.unheard = operations.length - heard;
    run.figures.violations.push(
      ...judgeDeeds(run.deeds, { reservations, operations }),
      ...judgeSeating(seating, { reservations, occupancy }),
    );
    return run.figures;
  } finally {
    await database.close();
  }
}

class StressRun {
  readonly figures: StressFigures = {
    asked: 0,
    acknowledged: 0,
    repeated: 0,
    unavailable: 0,
    lost: 0,
    unheard: 0,
    kills: 0,
    done: {},
    refused: {},
    seconds: 0,
    violations: [],
  };
  readonly #options: StressOptions;
  readonly #settings: StressSettings;
  readonly #history = new History();
  readonly #random: SeededRandom;
  readonly #source: OperationSource;
  readonly #clock: () => number;
  readonly #children: StressChild[] = [];
  /** Cut off, to be asked of another process. */
  readonly #again: Operation[] = [];
  #over = false;

  constructor(options: StressOptions) {
    const startedAt = Date.now();
    this.#options = options;
    this.#settings = { store: options.store, seats: options.seats, startedAt };
    this.#random = new SeededRandom(options.seed);
    this.#source = new OperationSource(new SeededRandom(options.seed + 1), startedAt);
    this.#clock = houseClock(startedAt);
  }

  get deeds(): readonly Deed[] {
    return this.#history.deeds;
  }

  async perform(): Promise<void> {
    const { operations, processes } = this.#options;
    const limitMs = operations * SLOWEST_MS + START_MS;
    const deadline = setTimeout(() => {
      this.figures.violations.push({ kind: 'unfinished', about: `within ${limitMs} ms` });
      this.#over = true;
    }, limitMs);
    for (let place = 0; place < processes; place += 1) this.#start(place);
    try {
      await Promise.all(this.#children.map(({ ready }) => ready));
      const startedAt = performance.now();
      const lanes = Array.from({ length: processes * IN_FLIGHT }, (_, n) =>
        this.#lane(n % processes),
      );
      await Promise.all(lanes);
      this.figures.seconds = (performance.now() - startedAt) / 1000;
    } finally {
      this.#over = true;
      clearTimeout(deadline);
      await Promise.all(this.#children.map((child) => child.close()));
    }
  }

  #start(place: number): void {
    const child = new StressChild(this.#settings);
    this.#children[place] = child;
    void child.ended.then(() => {
      if (!this.#over) this.#start(place);
    });
    // Whoever waits for it hears of it; nobody may be waiting.
    child.ready.catch(() => undefined);
  }

  /** One operation after the other, at whichever process has this place. */
  async #lane(place: number): Promise<void> {
    while (!this.#over && this.figures.asked < this.#options.operations) {
      const child = this.#children[place]!;
      if (child.isEnding) await child.ended;
      else if (!child.isReady) await child.ready;
      else await this.#ask(child, this.#again.pop() ?? this.#source.next());
    }
  }

  async #ask(child: StressChild, operation: Operation): Promise<void> {
    this.figures.asked += 1;
    if (this.#killIsDue()) this.#killSoon();
    const deed = this.#history.begin(operation, this.#clock());
    this.#take(deed, await child.perform(operation));
    this.#options.onProgress?.(this.figures);
  }

  /** Spread evenly over the run. */
  #killIsDue(): boolean {
    const { kills, operations } = this.#options;
    const due = (asked: number) => Math.floor((asked * kills) / operations);
    return due(this.figures.asked) > due(this.figures.asked - 1);
  }

  #killSoon(): void {
    const kill = () => {
      const atWork = this.#children.filter((child) => child.isAtWork);
      if (this.#over || atWork.length === 0) return;
      this.figures.kills += 1;
      atWork[this.#random.between(0, atWork.length - 1)]?.kill();
    };
    setTimeout(kill, this.#random.between(0, KILL_WITHIN_MS));
  }

  #take(deed: Deed, result: Result): void {
    const { figures } = this;
    const { key } = deed.operation;
    if (result.result === 'outcome') this.#acknowledge(deed, result.outcome);
    else if (result.result === 'unavailable') {
      figures.unavailable += 1;
      if (!result.uncertain) this.#history.refuse(deed);
    } else if (result.result === 'failed') {
      figures.violations.push({ kind: 'failed', about: `${key}: ${result.message}` });
    } else {
      figures.lost += 1;
      if (result.stuck) figures.violations.push({ kind: 'stuck', about: key });
      if (this.#source.asksAgain()) this.#again.push(deed.operation);
    }
  }

  #acknowledge(deed: Deed, outcome: Extract<Result, { result: 'outcome' }>['outcome']): void {
    const { figures } = this;
    const { kind } = deed.operation;
    figures.acknowledged += 1;
    if (deed.outcome) figures.repeated += 1;
    else {
      const [counts, name] = outcome.done
        ? [figures.done, kind]
        : [figures.refused, outcome.reason];
      counts[name] = (counts[name] ?? 0) + 1;
      this.#source.learn(deed.operation, outcome);
    }
    this.#history.acknowledge(deed, outcome, this.#clock());
  }
}
