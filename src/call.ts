/**
 * ONE call: gives the call machine its actors over a real telephone line, a real engine and a real
 * voice, and owns the scope in which all of them live. When the machine stops, for whatever reason,
 * the scope is aborted and everything in it is released.
 */
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { type Actor, createActor, fromCallback, type InspectionEvent } from 'xstate';
import { callMachine } from '../machines/call.ts';
import type {
  AgentCommand,
  CallEvent,
  CallInput,
  CallOutput,
  ClipName,
  EarsCommand,
} from '../machines/call-protocol.ts';
import { statePath } from '../machines/state-path.ts';
import { Agent } from './call/agent.ts';
import { Ears, type EarsEvent } from './call/ears.ts';
import { TurnClock, type TurnTiming } from './call/turn-clock.ts';
import type { Clip } from './tts/clips.ts';
import { type Voice, VoiceError } from './tts/voice.ts';
import type { VoiceActivity } from './turns/voice-activity.ts';
import {
  acceptMediaStream,
  type MediaStream,
  MediaStreamError,
  type StreamStart,
} from './twilio/media-stream.ts';
import { Conversation } from './ultravox/conversation.ts';
import type { AudioFormat } from './ultravox/encode-audio.ts';
import { EngineError } from './ultravox/engine-error.ts';
import type { EngineQueue } from './ultravox/engine-queue.ts';
import { Transcriber } from './ultravox/transcriber.ts';

/** What every call shares. */
export interface CallServices {
  input: CallInput;
  verify(start: StreamStart): boolean;
  activity: VoiceActivity;
  queue: EngineQueue;
  voice: Voice;
  clips: Readonly<Record<ClipName, Clip>>;
  systemPrompt: string;
  audioFormat(): AudioFormat;
  language: string;
  temperature: number;
  maxTokens: number;
  queueDeadlineMs: number;
  log: Logger;
  observer?: CallObserver;
}

/** Somebody who watches calls: the terminal, a benchmark, a test. It must not throw. */
export interface CallObserver {
  /** All that XState reports of this call's actors. */
  onInspection?(call: Call, event: InspectionEvent): void;
  /** The call machine is in another state, because of this event. */
  onState?(call: Call, path: string, eventType: string): void;
  onTurn?(call: Call, timing: TurnTiming): void;
  onEnded?(call: Call, record: CallRecord): void;
}

export interface CallRecord extends CallOutput {
  /** Undefined when the stream never started. */
  callSid: string | undefined;
  durationMs: number;
  turnTimings: readonly TurnTiming[];
}

/** Twilio sends a frame every 20 ms, silence too: a socket without any for this long is dead. */
const SILENT_SOCKET_MS = 5000;

export class Call {
  readonly ended: Promise<CallRecord>;
  readonly #services: CallServices;
  readonly #scope = new AbortController();
  readonly #actor: Actor<typeof callMachine>;
  readonly #startedAt = performance.now();
  readonly #ending = Promise.withResolvers<CallRecord>();
  readonly #timings: TurnTiming[] = [];
  readonly #problems = new Set<string>();
  readonly #clock: TurnClock;
  readonly #conversation: Conversation;
  #log: Logger;
  #timeout: string | null = null;
  #state = '';
  #stream: MediaStream | undefined;
  #ears: Ears | undefined;
  #agent: Agent | undefined;

  constructor(socket: WebSocket, services: CallServices) {
    this.#services = services;
    this.#log = services.log;
    this.#clock = new TurnClock((timing) => this.#turnAnswered(timing));
    this.#conversation = new Conversation({
      systemPrompt: services.systemPrompt,
      audioFormat: services.audioFormat(),
    });
    this.#actor = createActor(this.#machine(socket), {
      input: services.input,
      inspect: (event) => this.#inspect(event),
    });
    this.ended = this.#run();
  }

  get callSid(): string | undefined {
    return this.#stream?.start.callSid;
  }

  /** The history as heard. */
  get conversation(): Conversation {
    return this.#conversation;
  }

  /** The server goes: say goodbye and end. */
  shutdown(): void {
    this.#actor.send({ type: 'operator.shutdown' });
  }

  #run(): Promise<CallRecord> {
    this.#actor.subscribe({
      next: (snapshot) => {
        this.#noteTimeout(snapshot.matches('timeout') ? snapshot.context.reason : null);
        if (snapshot.status === 'done') this.#end(snapshot.output);
      },
      error: (error) => this.#fail(error),
    });
    this.#actor.start();
    return this.#ending.promise;
  }

  /** Once, whatever ends the call. */
  #end(output: CallOutput): void {
    if (this.#scope.signal.aborted) return;
    const durationMs = Math.round(performance.now() - this.#startedAt);
    const record = { ...output, callSid: this.callSid, durationMs, turnTimings: this.#timings };
    this.#release();
    const { turnTimings, callSid: _, ...line } = record;
    this.#log.info({ ...line, answers: turnTimings.length }, 'call ended');
    this.#services.observer?.onEnded?.(this, record);
    this.#ending.resolve(record);
  }

  /** An error in one call ends that call; Twilio goes on with its next verb, and that speaks. */
  #fail(error: unknown): void {
    if (this.#scope.signal.aborted) return;
    this.#log.error({ err: error }, 'call failed');
    this.#end({ outcome: 'failed', reason: null, turns: this.#timings.length });
    this.#actor.stop();
  }

  /** What comes from sockets, threads and timers runs outside of the actor: its errors are ours. */
  #guarded<Args extends unknown[]>(handler: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        handler(...args);
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  /** XState leaves children of a failed machine running: nothing here relies on their clean-up. */
  #release(): void {
    this.#scope.abort();
    this.#agent?.close();
    this.#ears?.close();
    this.#stream?.close();
  }

  #machine(socket: WebSocket): typeof callMachine {
    return callMachine.provide({
      actors: {
        line: fromCallback(({ input, sendBack }) => {
          void this.#openLine(socket, input.firstMessagesMs, sendBack);
        }),
        ears: fromCallback<EarsCommand>(({ receive }) => {
          receive((command) => this.#tellEars(command));
        }),
        agent: fromCallback<AgentCommand>(({ receive }) => {
          receive((command) => this.#agent?.perform(command));
        }),
      },
    });
  }

  async #openLine(
    socket: WebSocket,
    firstMessagesMs: number,
    sendBack: (event: CallEvent) => void,
  ): Promise<void> {
    try {
      const { verify } = this.#services;
      const stream = await acceptMediaStream(socket, {
        firstMessagesMs,
        silentSocketMs: SILENT_SOCKET_MS,
        verify,
      });
      if (this.#scope.signal.aborted) return stream.close();
      this.#connect(stream, sendBack);
      sendBack({ type: 'line.started' });
    } catch (error) {
      const kind = error instanceof MediaStreamError ? error.kind : 'failed';
      this.#log.warn({ kind }, 'media stream refused');
      sendBack({ type: 'line.refused' });
    }
  }

  #connect(stream: MediaStream, sendBack: (event: CallEvent) => void): void {
    this.#stream = stream;
    this.#log = this.#services.log.child({ callSid: stream.start.callSid });
    this.#log.info('Client connected to voice agent');
    this.#ears = new Ears(
      this.#services.activity,
      this.#guarded((event) => this.#heard(event, sendBack)),
      (error) => this.#fail(error),
    );
    this.#agent = this.#newAgent(stream, this.#ears, sendBack);
    stream.listen({
      onAudio: this.#guarded((mulaw) => this.#ears?.hear(mulaw)),
      onDigit: this.#guarded((digit) => {
        sendBack({ type: 'caller.pressed', digit });
        if (digit !== '0') this.#ears?.press(digit);
      }),
      onEnded: this.#guarded((how) =>
        sendBack({ type: how === 'stop' ? 'caller.hungUp' : 'line.lost' }),
      ),
      onProblem: (kind) => this.#noteProblem(kind),
    });
  }

  #newAgent(stream: MediaStream, ears: Ears, sendBack: (event: CallEvent) => void): Agent {
    const { queue, voice, clips, language, temperature, maxTokens } = this.#services;
    const transcriber = new Transcriber({ queue, conversation: this.#conversation });
    const { signal } = this.#scope;
    return new Agent({
      playback: stream.playback,
      queue,
      voice,
      clips,
      language,
      temperature,
      maxTokens,
      queueDeadlineMs: this.#services.queueDeadlineMs,
      conversation: this.#conversation,
      clock: this.#clock,
      turn: {
        audio: () => ears.turnAudio(),
        digits: () => ears.turnDigits,
        forget: () => {
          ears.forgetTurn();
          transcriber.wake(signal);
        },
      },
      tell: this.#guarded((type) => sendBack({ type })),
      onFailure: (error) => this.#noteProblem(kindOf(error), error),
      signal,
    });
  }

  #tellEars(command: EarsCommand): void {
    if (command.type === 'rest') this.#ears?.rest();
    else this.#ears?.attend(command.to, this.#agent?.lastWords ?? '');
  }

  #heard(event: EarsEvent, sendBack: (event: CallEvent) => void): void {
    if (event.type === 'finished') this.#clock.finished(event.speechEndAt, event.reason);
    sendBack({ type: `caller.${event.type}` });
  }

  #turnAnswered(timing: TurnTiming): void {
    this.#timings.push(timing);
    this.#log.info(timing, 'turn answered');
    this.#services.observer?.onTurn?.(this, timing);
  }

  #inspect(event: InspectionEvent): void {
    const { observer } = this.#services;
    observer?.onInspection?.(this, event);
    if (event.type !== '@xstate.snapshot' || event.actorRef !== this.#actor) return;
    const path = statePath(this.#actor.getSnapshot().value);
    if (path === this.#state) return;
    this.#state = path;
    observer?.onState?.(this, path, event.event.type);
  }

  #noteTimeout(reason: string | null): void {
    if (reason === this.#timeout) return;
    this.#timeout = reason;
    if (reason) this.#log.info({ reason }, 'Call timeout reached');
  }

  /** Once per kind and call: a flood of bad messages must not become a flood of lines. */
  #noteProblem(kind: string, error?: Error): void {
    if (this.#problems.has(kind)) return;
    this.#problems.add(kind);
    this.#log.warn({ kind, ...(error && { err: error }) }, 'problem met');
  }
}

function kindOf(error: Error): string {
  if (error instanceof EngineError) return `engine.${error.kind}`;
  if (error instanceof VoiceError) return `voice.${error.kind}`;
  return error.name;
}
