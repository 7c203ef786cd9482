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
import { type WarmUpOptions, warmUp } from './ultravox/warm-up.ts';

export interface EngineOptions {
  client: EngineClient;
  /** For the first generation of a cold engine, which may take minutes. */
  patientClient: EngineClient;
  queue: QueueOptions;
  limits: EngineLimits;
  log: Logger;
  /** What every call's requests begin with. */
  beginning: NonNullable<WarmUpOptions['beginning']>;
  /** Makes sure that the engine's own process runs, where we are the ones to run it. */
  ensureRunning?: (signal: AbortSignal) => Promise<void>;
  /** Somebody who watches the engine's machine. It must not throw. */
  inspect?: (event: InspectionEvent) => void;
}

export class Engine {
  readonly queue: EngineQueue;
  readonly #options: EngineOptions;
  readonly #actor: Actor<typeof engineMachine>;
  #audioFormat: AudioFormat = 'mulaw';
  #lastState = '';

  constructor(options: EngineOptions) {
    this.#options = options;
    this.queue = new EngineQueue({
      ...options.queue,
      stream: (request, signal, onFirstToken) => this.#generate(request, signal, onFirstToken),
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

  close(): void {
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
    const { patientClient, log, ensureRunning, beginning } = this.#options;
    try {
      await ensureRunning?.(signal);
      const audioFormat = this.#audioFormat;
      const result = await warmUp(patientClient, { signal, audioFormat, beginning });
      this.#audioFormat = result.audioFormat;
      log.info(result, 'Model pre-warming completed');
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'Failed to load Ultravox');
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
  ): AsyncGenerator<EngineEvent> {
    try {
      yield* this.#options.client.stream(request, signal, () => {
        this.#actor.send({ type: 'request.succeeded' });
        onFirstToken();
      });
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
  }
}

/** A request that the engine rightly refuses says nothing about its health. */
function isEnginesFault(error: unknown): boolean {
  if (!(error instanceof EngineError)) return true;
  return !(error.kind === 'http' && error.status !== undefined && error.status < 500);
}
