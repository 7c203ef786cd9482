/**
 * The GPU engine as this process knows it: gives the engine machine its actors, feeds it with the
 * outcome of every real generation, and holds the queue in front of it.
 */
import type { Logger } from 'pino';
import {
  type Actor,
  createActor,
  fromPromise,
  type InspectionEvent,
  type SnapshotFrom,
} from 'xstate';
import { type EngineLimits, engineMachine } from '../machines/engine.ts';
import { statePath } from '../machines/state-path.ts';
import type { AudioFormat } from './ultravox/encode-audio.ts';
import type { EngineClient, EngineEvent, EngineRequest } from './ultravox/engine-client.ts';
import { EngineError } from './ultravox/engine-error.ts';
import { EngineQueue, type QueueOptions } from './ultravox/engine-queue.ts';
import { type WarmUpOptions, type WarmUpResult, warmUp } from './ultravox/warm-up.ts';

export interface EngineOptions {
  client: EngineClient;
  /** For the first generation of a cold engine, which may take minutes. */
  patientClient: EngineClient;
  queue: QueueOptions;
  limits: EngineLimits;
  log: Logger;
  /** What every call's requests begin with. */
  beginning: NonNullable<WarmUpOptions['beginning']>;
  /** Where we are the ones to run it. */
  process?: EngineProcess;
  /** Somebody who watches the engine's machine. It must not throw. */
  inspect?: (event: InspectionEvent) => void;
}

/** The engine's own process. It tells of its end by `Engine.lost`. */
export interface EngineProcess {
  /** Resolves when it answers; rejects when it ended before that. */
  ensureRunning(signal: AbortSignal): Promise<void>;
  /** It has served: from now on it must answer as soon as calls need it. */
  readonly isProven: boolean;
  prove(): void;
  /** It answers, and serves nothing. */
  restart(why: string): void;
}

export class Engine {
  readonly queue: EngineQueue;
  readonly #options: EngineOptions;
  readonly #actor: Actor<typeof engineMachine>;
  readonly #closing = new AbortController();
  #audioFormat: AudioFormat = 'mulaw';
  #lastState = '';
  /** The last warm-up, until it has been told of. */
  #warmedUp: WarmUpResult | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.queue = new EngineQueue({
      ...options.queue,
      stream: (...asked) => this.#generate(...asked),
    });
    this.#actor = createActor(this.#machine(), {
      input: { limits: options.limits },
      ...(options.inspect && { inspect: options.inspect }),
    });
    this.#actor.subscribe({
      next: (snapshot) => this.#note(snapshot),
      error: (error) => options.log.error({ err: error }, 'engine machine failed'),
    });
  }

  /** Can it be trusted with a new call? */
  get takesCalls(): boolean {
    return this.#actor.getSnapshot().hasTag('takesCalls');
  }

  /** For people and probes: the state's path, such as `ready.trusted`. */
  get state(): string {
    return statePath(this.#actor.getSnapshot().value);
  }

  /** The form in which the engine has shown that it understands sound. */
  get audioFormat(): AudioFormat {
    return this.#audioFormat;
  }

  start(): void {
    this.#actor.start();
    this.#actor.send({ type: 'engine.start' });
  }

  /** Resolves true when the engine is ready, false when it is not after this time. */
  ready(withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), withinMs);
    const watch = (snapshot: SnapshotFrom<typeof engineMachine>) => {
      if (snapshot.hasTag('takesCalls')) resolve(true);
    };
    const subscription = this.#actor.subscribe(watch);
    watch(this.#actor.getSnapshot());
    return promise.finally(() => {
      clearTimeout(timer);
      subscription.unsubscribe();
    });
  }

  /** Its process has ended: nobody need wait for a request to fail. */
  lost(): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'engine.lost' });
  }

  /** A caller speaks: its connection shall be there before the request is. */
  expectRequest(): void {
    void this.#options.client.keepWarm(this.#closing.signal);
  }

  close(): void {
    this.#closing.abort();
    this.#actor.send({ type: 'engine.drain' });
    this.#actor.stop();
  }

  #machine(): typeof engineMachine {
    return engineMachine.provide({
      actors: {
        warmUp: fromPromise(({ signal }) => this.#load(signal)),
        probe: fromPromise(({ signal }) => this.#probe(signal)),
      },
    });
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { log, process } = this.#options;
    try {
      await process?.ensureRunning(signal);
      const result = await this.#warmUp(signal);
      process?.prove();
      this.#audioFormat = result.audioFormat;
      this.#warmedUp = result;
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'Failed to load Ultravox');
      throw error;
    }
  }

  async #warmUp(signal: AbortSignal): Promise<WarmUpResult> {
    const { client, patientClient, beginning, process } = this.#options;
    const audioFormat = this.#audioFormat;
    try {
      const asking = process?.isProven ? client : patientClient;
      return await warmUp(asking, { signal, audioFormat, beginning });
    } catch (error) {
      // What it refuses, or drops, it would after a restart too: that is a matter of its flags.
      const isHopeless = error instanceof EngineError && isEnginesFault(error);
      if (isHopeless && !signal.aborted) process?.restart(`it serves nothing: ${error.kind}`);
      throw error;
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    await warmUp(this.#options.client, { signal, audioFormat: this.#audioFormat });
  }

  /** Every generation is also evidence of the engine's health. */
  async *#generate(
    request: EngineRequest,
    signal: AbortSignal,
    onFirstToken: () => void,
    onSent: () => void,
  ): AsyncGenerator<EngineEvent> {
    const succeeded = () => {
      this.#actor.send({ type: 'request.succeeded' });
      onFirstToken();
    };
    try {
      yield* this.#options.client.stream(request, signal, succeeded, onSent);
    } catch (error) {
      if (!signal.aborted && isEnginesFault(error)) this.#actor.send({ type: 'request.failed' });
      throw error;
    }
  }

  #note(snapshot: SnapshotFrom<typeof engineMachine>): void {
    const state = statePath(snapshot.value);
    if (state === this.#lastState) return;
    // Probes come and go every half minute: not worth a line at the usual level.
    const level =
      state.startsWith('ready') && this.#lastState.startsWith('ready') ? 'debug' : 'info';
    this.#lastState = state;
    this.#options.log[level]({ state }, 'engine state changed');
    // Whoever waits for this line finds an engine that takes calls.
    if (!this.#warmedUp || !snapshot.hasTag('takesCalls')) return;
    this.#options.log.info(this.#warmedUp, 'Model pre-warming completed');
    this.#warmedUp = undefined;
  }
}

/** A request that the engine rightly refuses says nothing about its health. */
function isEnginesFault(error: unknown): boolean {
  if (!(error instanceof EngineError)) return true;
  return !(error.kind === 'http' && error.status !== undefined && error.status < 500);
}
