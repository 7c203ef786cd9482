/** One seed from the first ring to the last timer: with faults, without, and then nothing may be left. */
import { loadConfig } from '../../src/config.ts';
import { startOrchestrator } from '../../src/orchestrator.ts';
import { profileWith } from '../support/restaurant-profile.ts';
import { enter } from './current.ts';
import type { Violation } from './invariants.ts';
import { judgeEnd, judgeRest } from './judge-end.ts';
import { Phone } from './phone.ts';
import { Random } from './random.ts';
import { SimulatedDatabase } from './simulated-database.ts';
import { installEntropy } from './simulated-entropy.ts';
import { drawSwarm, type Swarm } from './swarm.ts';
import { World } from './world.ts';

export interface SeedResult {
  seed: number;
  calls: number;
  /** Timers that fired, and the time that they took here. */
  steps: number;
  simulatedMs: number;
  hash: string;
  violations: readonly Violation[];
  faults: ReadonlyMap<string, number>;
  moves: ReadonlySet<string>;
  /** How calls ended, and what was done in them. */
  deeds: ReadonlyMap<string, number>;
  /** The last of what happened. */
  lines: readonly string[];
}

let database: Promise<SimulatedDatabase> | undefined;

/** @param swarm instead of the one that the seed draws */
export async function runSeed(seed: number, swarm?: Swarm): Promise<SeedResult> {
  database ??= SimulatedDatabase.create();
  const file = await database;
  file.reset();
  const options = swarm ?? drawSwarm(new Random(seed));
  const world = new World(seed, options, file);
  const { fetch } = globalThis;
  const thrown = (error: unknown) =>
    world.violated('nothingThrown', String((error as Error)?.stack ?? error));
  process.on('unhandledRejection', thrown);
  process.on('uncaughtException', thrown);
  enter(world);
  world.time.install();
  const restoreEntropy = installEntropy(new Random(seed, 4));
  globalThis.fetch = world.engine.fetch as typeof globalThis.fetch;
  try {
    await new Simulation(world).run();
  } catch (error) {
    thrown(error);
  } finally {
    globalThis.fetch = fetch;
    restoreEntropy();
    world.time.uninstall();
    enter(undefined);
    process.off('unhandledRejection', thrown);
    process.off('uncaughtException', thrown);
  }
  return {
    seed,
    calls: world.phones.length,
    steps: world.time.steps,
    simulatedMs: world.time.nowMs,
    hash: world.log_.hash,
    violations: world.violations,
    faults: world.faults,
    moves: world.moves,
    deeds: deedsOf(world),
    lines: world.log_.lines,
  };
}

function deedsOf({ phones }: World): Map<string, number> {
  const deeds = new Map<string, number>();
  const count = (deed: string, times = 1) => deeds.set(deed, (deeds.get(deed) ?? 0) + times);
  for (const { record } of phones) {
    if (!record) continue;
    count(`outcome ${record.outcome}`);
    count('answers', record.turnTimings.length);
    count('interruptions', record.interruptions);
    for (const [tool, times] of Object.entries(record.toolCalls)) count(`tool ${tool}`, times);
  }
  return deeds;
}

class Simulation {
  readonly #world: World;
  readonly #random: Random;
  #isStarting = false;
  #faultsAreOver = false;
  /** Counts processes. */
  #epoch = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = new Random(world.seed, 5);
  }

  async run(): Promise<void> {
    const world = this.#world;
    const { time, options } = world;
    this.#boot();
    await time.run(time.nowMs + 60_000, () => world.program?.engine.takesCalls === true);
    this.#plan();
    const faultsEndMs = time.nowMs + options.arrivalsMs + this.#random.integer(5000, 60_000);
    await time.run(
      faultsEndMs,
      () => world.phones.every(({ isOver }) => isOver) && world.phones.length === options.calls,
    );
    this.#faultsAreOver = true;
    world.endFaults();
    await time.run(time.nowMs + LONGEST_MS + options.limits.callMs, () => this.#isQuiet());
    if (!this.#isQuiet()) this.#tellStuck();
    await this.#recover();
    await this.#settle();
    judgeEnd(world);
    await this.#close();
  }

  /** A process starts. */
  #boot(): void {
    const world = this.#world;
    this.#isStarting = true;
    const { options } = world;
    const config = loadConfig(environment(options));
    const { callMs, inactivityMs, turns, idleMs } = options.limits;
    const limits = { callMs, inactivityMs, turns, idleMs };
    const profile = profileOf(options);
    const starting = startOrchestrator(config, {
      profile,
      log: world.logger,
      observer: world.observer,
      limits,
    });
    const epoch = ++this.#epoch;
    starting.then(
      (program) => {
        if (epoch !== this.#epoch) return;
        this.#isStarting = false;
        world.program = program;
      },
      (error: unknown) => {
        if (epoch !== this.#epoch) return;
        world.log(`start failed ${(error as Error).name}`);
        // The program's main file exits then, and a supervisor starts it again.
        this.#die();
        this.#bootLater(1000);
      },
    );
  }

  /** Unless it dies once more meanwhile. */
  #bootLater(ms: number): void {
    const epoch = this.#epoch;
    this.#world.time.after(ms, () => {
      if (epoch === this.#epoch) this.#boot();
    });
  }

  /** In the first phase, at a moment of it. */
  #sometime(deed: () => void): void {
    const { time, options } = this.#world;
    time.after(this.#random.integer(0, options.arrivalsMs + 30_000), () => {
      if (!this.#faultsAreOver) deed();
    });
  }

  /** What will happen in the first phase. */
  #plan(): void {
    const world = this.#world;
    const { time, options, rates } = world;
    const random = this.#random;
    for (let index = 0; index < options.calls; index++) {
      time.after(random.integer(0, options.arrivalsMs), () =>
        this.#dial(random.skewed(1, options.patience)),
      );
    }
    for (let at = 0; at < options.engineRestarts; at++) {
      this.#sometime(() => {
        world.noteFault('engineRestarts');
        world.engine.restart(random.integer(500, 20_000));
      });
    }
    for (let at = 0; at < options.clockJumps; at++) {
      this.#sometime(() => {
        world.noteFault('clockJumps');
        time.wallShiftMs += random.integer(-3_600_000, 3_600_000);
      });
    }
    if (random.chance(rates.databaseDown)) this.#window('databaseDown', world.database, 'isDown');
    if (random.chance(rates.diskFull)) this.#window('diskFull', world.disk, 'isFull');
    for (let at = 0; at < options.drains; at++)
      this.#sometime(() => this.#drain(random.pick([0, 3000, 30_000])));
    for (let at = 0; at < options.kills; at++) this.#sometime(() => this.#kill());
  }

  #window<Name extends string>(kind: string, what: Record<Name, boolean>, name: Name): void {
    const { time } = this.#world;
    this.#sometime(() => {
      this.#world.noteFault(kind);
      what[name] = true;
      time.after(this.#random.integer(500, 25_000), () => {
        what[name] = false;
      });
    });
  }

  #dial(turns: number): Phone {
    const phone = new Phone(this.#world, this.#world.phones.length, { turns });
    this.#world.phones.push(phone);
    void phone.dial();
    return phone;
  }

  /** Told to go: what is live may end, then the next process starts. */
  #drain(graceMs: number): void {
    const world = this.#world;
    const { program } = world;
    if (!program || this.#isStarting) return;
    world.noteFault('drains');
    this.#isStarting = true;
    const epoch = this.#epoch;
    void program.close(graceMs).then(() => {
      if (epoch !== this.#epoch) return;
      world.program = undefined;
      // Sockets that were closed may take two seconds for that.
      world.time.after(SOCKETS_CLOSE_MS, () => {
        if (epoch !== this.#epoch) return;
        judgeRest(world);
        world.disk.bereave();
        this.#boot();
      });
    });
  }

  /** From one moment to the next nothing of the process is there any more. */
  #kill(): void {
    this.#world.noteFault('kills');
    this.#die();
    this.#bootLater(this.#random.integer(300, 3000));
  }

  #die(): void {
    const world = this.#world;
    world.time.dropProcess();
    for (const phone of world.phones) {
      if (phone.call && !phone.record) phone.wasOrphaned = true;
    }
    const server = world.server;
    if (server) server.isListening = false;
    world.engine.forget();
    world.voice.forget();
    world.database.abandonAll();
    world.disk.bereave();
    world.program = undefined;
    this.#epoch += 1;
    this.#isStarting = true;
    for (const phone of world.phones) phone.leg?.reset(false);
  }

  #isQuiet(): boolean {
    const { phones, program, options } = this.#world;
    if (!program || this.#isStarting || phones.length < options.calls) return false;
    return phones.every(({ isOver }) => isOver);
  }

  #tellStuck(): void {
    const world = this.#world;
    const stuck = world.phones.filter(({ isOver }) => !isOver);
    const what = stuck.map(({ index, state }) => `${index} in ${state}`).join(', ');
    world.violated('endsInTime', `not over: ${what || 'the process did not start'}`);
  }

  /** All is well again: the next caller is answered. */
  async #recover(): Promise<void> {
    const world = this.#world;
    const { time } = world;
    await time.run(time.nowMs + RECOVERY_MS, () => world.program?.engine.takesCalls === true);
    if (!world.program?.engine.takesCalls) {
      world.violated('recovers', `the engine is in ${world.program?.engine.state}`);
      return;
    }
    // Connections that were lost are opened again within this time.
    await time.run(time.nowMs + RECONNECT_MS);
    world.isCalm = true;
    const phone = this.#dial(3);
    const isAnswered = () => phone.answers > 0 || phone.isOver;
    await time.run(time.nowMs + RECOVERY_MS, isAnswered);
    // A greeting and one long turn of the caller may use up a shorter call.
    const isLong = world.options.limits.callMs >= 40_000;
    if (isLong && phone.answers === 0 && !phone.hasHungUp) {
      world.violated(
        'recovers',
        `the call after all faults is in ${phone.state}, without an answer`,
      );
    }
    await time.run(time.nowMs + LONGEST_MS + world.options.limits.callMs, () => phone.isOver);
  }

  /** What is done after calls is done, and written down. */
  async #settle(): Promise<void> {
    const { time, program } = this.#world;
    if (!program) return;
    let isSettled = false;
    void program.calls.settled().then(async () => {
      await program.records.journal.flush(60_000);
      isSettled = true;
    });
    await time.run(time.nowMs + 300_000, () => isSettled);
    if (!isSettled) this.#world.violated('nothingLeft', 'work after calls does not end');
  }

  async #close(): Promise<void> {
    const { time, program } = this.#world;
    if (!program) return;
    let isClosed = false;
    void program.close(0).then(() => {
      isClosed = true;
    });
    await time.run(time.nowMs + 120_000, () => isClosed);
    if (!isClosed) this.#world.violated('nothingLeft', 'the program does not close');
    // What was sent and is still on its way.
    await time.run(time.nowMs + SOCKETS_CLOSE_MS);
    judgeRest(this.#world);
  }
}

/** Webhooks and dialling after a stream's end, late status included. */
const LONGEST_MS = 180_000;
/** The longest pause between two attempts at an engine that was down, and a warm-up. */
const RECOVERY_MS = 90_000;
const RECONNECT_MS = 12_000;
const SOCKETS_CLOSE_MS = 3000;

function environment(options: Swarm): Record<string, string> {
  return {
    PUBLIC_URL: 'https://agent.example',
    TWILIO_ACCOUNT_SID: `AC${'7'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'secret-of-the-account',
    CARTESIA_API_KEY: 'secret-key',
    CARTESIA_MAX_CONTEXTS: String(options.maxContexts),
    CARTESIA_PLAINTEXT_ADDRESS: 'voice.example:80',
    ULTRAVOX_URL: 'http://engine.example/v1',
    ENGINE_CONCURRENCY: String(options.concurrency),
    ENGINE_SLOT: options.wholeReply ? 'wholeReply' : 'firstToken',
    ENGINE_MAX_STREAMS: String(options.maxStreams),
    ENGINE_MAX_QUEUE: String(options.maxQueue),
    MAX_CALLS: String(options.maxCalls),
    DATA_DIRECTORY: '/data',
    VISUALISER: 'off',
  };
}

const profiles = new Map<string, ReturnType<typeof profileWith>>();

/** The same object for the same restaurant: what is worked out for one is kept. */
function profileOf({ languages, hasStaff }: Swarm) {
  const key = `${languages} ${hasStaff}`;
  const known = profiles.get(key);
  if (known) return known;
  const profile = profileWith({
    // Short: it is heard in every call.
    languages: { en: { greeting: 'Aurora, good evening.' }, ...(languages > 1 && { de: {} }) },
    staff: hasStaff
      ? { manager: { number: '+493012345670', purpose: 'complaints', hours: 'always' } }
      : {},
  });
  profiles.set(key, profile);
  return profile;
}
