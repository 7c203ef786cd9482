/** The course of one seed: a time with faults, a time without, and an end after which nothing is left. */
import { loadConfig } from '../../src/config.ts';
import { startOrchestrator } from '../../src/orchestrator.ts';
import { judgeEnd, judgeFarewell, judgeLeaving, judgeRest } from './judge-end.ts';
import { Phone } from './phone.ts';
import { Random } from './random.ts';
import { environment, profileOf } from './restaurant.ts';
import type { World } from './world.ts';

export class Simulation {
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
    await this.#concludeUntold();
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
        world.time.after(SOCKETS_CLOSE_MS, () => {
          if (epoch !== this.#epoch) return;
          judgeRest(world);
          this.#die();
          this.#bootLater(1000);
        });
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
    world.time.after(graceMs + FAREWELL_MS, () => {
      if (epoch === this.#epoch && world.program === program) judgeFarewell(world);
    });
    void program.close(graceMs).then(() => {
      if (epoch !== this.#epoch) return;
      judgeLeaving(world, program);
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
    world.server?.leave();
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

  /** Of whose end nobody could be told, that is concluded to be lost. Hours later, on the wall. */
  async #concludeUntold(): Promise<void> {
    const { time, phones, database } = this.#world;
    const isOpen = () =>
      phones.some(({ isUntold, callSid }) => {
        if (!isUntold) return false;
        return database.rows(OPEN_CALL, callSid).length > 0;
      });
    if (!isOpen()) return;
    time.wallShiftMs += LOST_AFTER_MS;
    let { writes } = database;
    await time.run(time.nowMs + 2 * HOUR_MS, () => {
      if (database.writes === writes) return false;
      writes = database.writes;
      return !isOpen();
    });
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
const HOUR_MS = 3_600_000;
/** Longer than any call may last, by a clock that was set back meanwhile too. */
const LOST_AFTER_MS = 12 * HOUR_MS;
const OPEN_CALL = 'select call_sid from calls where call_sid = ? and outcome is null';
/** The longest announcement, and a moment more. */
const FAREWELL_MS = 21_000;
