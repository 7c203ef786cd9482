/**
 * ONE call: gives the call machine its actors over a real telephone line, a real engine and a real
 * voice, and owns the scope in which all of them live. When the machine stops, for whatever reason,
 * the scope is aborted and everything in it is released.
 */
import type { WebSocket } from 'ws';
import { type Actor, createActor, type EventObject, fromCallback } from 'xstate';
import { callMachine } from '../machines/call.ts';
import type {
  AgentCommand,
  CallEvent,
  CallInput,
  CallOutput,
  EarsCommand,
  LineCommand,
  LineInput,
} from '../machines/call-protocol.ts';
import { acceptLine } from './call/accept-line.ts';
import type { Agent } from './call/agent.ts';
import { callAgent } from './call/call-agent.ts';
import type { CallRecord } from './call/call-record.ts';
import type { CallServices } from './call/call-services.ts';
import { CallWatch } from './call/call-watch.ts';
import { type EarlierLife, earlierLife, earlierTurns, epochOf } from './call/earlier-life.ts';
import { Ears, type EarsEvent } from './call/ears.ts';
import { lineHandlers } from './call/line-handlers.ts';
import { settleCall } from './call/settle-call.ts';
import { toldByEars } from './call/told-by-ears.ts';
import { TurnClock } from './call/turn-clock.ts';
import type { Desk } from './restaurant/desk.ts';
import { type MediaStream, MediaStreamError } from './twilio/media-stream.ts';
import { Conversation } from './ultravox/conversation.ts';
import { Transcriber } from './ultravox/transcriber.ts';

type Tell = (event: CallEvent) => void;

export class Call {
  readonly ended: Promise<CallRecord>;
  /** Resolves when nothing is left to be done for it, its summary included. */
  readonly settled: Promise<void>;
  readonly #services: CallServices;
  readonly #scope = new AbortController();
  readonly #actor: Actor<typeof callMachine>;
  readonly #startedAt = performance.now();
  readonly #ending = Promise.withResolvers<CallRecord>();
  readonly #watch: CallWatch;
  readonly #clock: TurnClock;
  readonly #input: CallInput;
  readonly #conversation: Conversation;
  readonly #transcriber: Transcriber;
  #stream: MediaStream | undefined;
  #ears: Ears | undefined;
  #agent: Agent | undefined;
  #desk: Desk | undefined;
  /** What the call had lasted before this life of it. */
  #earlierMs = 0;

  constructor(socket: WebSocket, services: CallServices) {
    this.#services = services;
    this.#watch = new CallWatch(this, services);
    this.#clock = new TurnClock((timing) => this.#watch.answered(timing));
    this.#conversation = new Conversation({
      systemPrompt: services.systemPrompt,
      audioFormat: services.audioFormat(),
      onTurn: (turn, index) => this.#watch.turn(turn, index, this.#language),
    });
    this.#transcriber = new Transcriber({
      queue: services.queue,
      conversation: this.#conversation,
      owner: () => this.callSid,
    });
    this.#input = { limits: services.limits, personReachable: services.personReachable() };
    this.#actor = createActor(this.#machine(socket), {
      input: this.#input,
      inspect: (event) => this.#watch.inspect(event, this.#actor),
    });
    this.ended = this.#run();
    this.settled = this.ended.then((record) => this.#settle(record));
  }

  get callSid(): string | undefined {
    return this.#stream?.start.callSid;
  }

  /** Which life of its call it is; undefined until that is known. */
  get epoch(): number | undefined {
    return this.#stream && epochOf(this.#stream.start);
  }

  /** Some hundred ms while the agent speaks; seconds when the caller's side has stalled. */
  get oldestMarkAgeMs(): number {
    return this.#stream?.playback.oldestMarkAgeMs ?? 0;
  }

  /** The history as heard. */
  get conversation(): Conversation {
    return this.#conversation;
  }

  /** The server goes: say goodbye and end. */
  shutdown(): void {
    this.#actor.send({ type: 'operator.shutdown' });
  }

  /** The process goes: another one goes on with it from its next pause. */
  handOver(): void {
    this.#actor.send({ type: 'operator.handOver' });
  }

  /** Its caller has come by another stream. */
  supersede(): void {
    this.#actor.send({ type: 'line.lost' });
  }

  /** Nobody listens to what we say: an outbound call was taken by a machine. */
  answeredByMachine(): void {
    this.#actor.send({ type: 'line.answeredByMachine' });
  }

  get #language(): string {
    return this.#agent?.language ?? this.#services.language;
  }

  #run(): Promise<CallRecord> {
    this.#actor.subscribe({
      next: (snapshot) => {
        this.#watch.timeout(snapshot.matches('timeout') ? snapshot.context.reason : null);
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
    const record = this.#recordOf(output);
    this.#release();
    this.#watch.ended(record);
    this.#ending.resolve(record);
  }

  #recordOf(output: CallOutput): CallRecord {
    const { interruptions, reprompts, failures, timings, speculation } = this.#watch.figures;
    return {
      ...output,
      callSid: this.callSid,
      durationMs: Math.round(this.#earlierMs + performance.now() - this.#startedAt),
      turnTimings: timings,
      interruptions,
      reprompts,
      failures,
      speculation: { ...speculation },
      deadAirMs: this.#clock.deadAirMs,
      language: this.#language,
      toolCalls: this.#desk?.counts ?? {},
      reservationIds: this.#desk?.reservationIds ?? [],
      brief: this.#desk?.brief,
    };
  }

  #settle(record: CallRecord): Promise<void> {
    return settleCall({
      services: this.#services,
      watch: this.#watch,
      conversation: this.#conversation,
      transcriber: this.#transcriber,
      agent: this.#agent,
      stream: this.#stream,
      record,
      wholeRecord: () => this.#recordOf(record),
    });
  }

  /** An error in one call ends that call; Twilio goes on with its next verb, and that speaks. */
  #fail(error: unknown): void {
    if (this.#scope.signal.aborted) return;
    this.#watch.log.error({ err: error }, 'call failed');
    const turns = this.#watch.figures.timings.length;
    this.#end({ outcome: 'failed', reason: null, destination: null, turns });
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
    void this.#agent?.close();
    this.#ears?.close();
  }

  #machine(socket: WebSocket): typeof callMachine {
    const line = fromCallback<LineCommand, LineInput>(({ input, sendBack }) => {
      void this.#openLine(socket, input.firstMessagesMs, sendBack);
    });
    const told = <Command extends EventObject>(tell: (command: Command) => void) =>
      fromCallback<Command>(({ receive }) => receive(tell));
    const ears = told<EarsCommand>((command) => this.#tellEars(command));
    const agent = told<AgentCommand>((command) => this.#tellAgent(command));
    return callMachine.provide({ actors: { line, ears, agent } });
  }

  async #openLine(socket: WebSocket, firstMessagesMs: number, sendBack: Tell): Promise<void> {
    try {
      const stream = await acceptLine(socket, firstMessagesMs, this.#services);
      const earlier = await earlierLife(stream.start, this.#services, this.#watch.log);
      if (this.#scope.signal.aborted) return stream.close();
      this.#connect(stream, earlier, sendBack);
    } catch (error) {
      const kind = error instanceof MediaStreamError ? error.kind : 'failed';
      this.#watch.log.warn({ kind }, 'media stream refused');
      sendBack({ type: 'line.refused' });
    }
  }

  #connect(stream: MediaStream, earlier: EarlierLife | undefined, sendBack: Tell): void {
    const { callSid, customParameters } = stream.start;
    this.#stream = stream;
    const notes = this.#watch.began(stream, this.#input, earlier);
    if (earlier) this.#takeUp(earlier);
    const callerPhone = customParameters.get('caller') || undefined;
    this.#desk = this.#services.openDesk({ callSid, callerPhone, epoch: epochOf(stream.start) });
    const outbound = customParameters.get('direction') === 'outbound' && !earlier;
    this.#ears = new Ears(
      this.#services.activity,
      this.#guarded((event) => this.#heard(event, sendBack)),
      (error) => this.#fail(error),
      notes,
      { outbound, turnModel: this.#services.turnModel },
    );
    stream.playback.watch(this.#ears.echo);
    this.#agent = callAgent({
      services: this.#services,
      stream,
      watch: this.#watch,
      conversation: this.#conversation,
      ears: this.#ears,
      desk: this.#desk,
      clock: this.#clock,
      earlier,
      onTurn: () => void this.#transcriber.wake(this.#services.closing),
      tell: this.#guarded(sendBack),
      signal: this.#scope.signal,
    });
    // What came meanwhile comes now, after all that was before it: the caller may have gone already.
    sendBack({ type: 'line.started', ...(earlier && { continued: earlier.continued }) });
    stream.listen(
      lineHandlers({
        ears: this.#ears,
        watch: this.#watch,
        tell: sendBack,
        guarded: (handler) => this.#guarded(handler),
      }),
    );
  }

  #takeUp(earlier: EarlierLife): void {
    this.#earlierMs = earlier.continued.elapsedMs - (performance.now() - this.#startedAt);
    this.#clock.takeUp(earlier);
    this.#conversation.takeUp(earlierTurns(earlier), earlier.nextTurn);
    void this.#transcriber.wake(this.#services.closing);
  }

  #tellAgent(command: AgentCommand): void {
    this.#watch.notes?.agentTold(command);
    this.#agent?.perform(command);
  }

  #tellEars(command: EarsCommand): void {
    if (command.type === 'rest') this.#ears?.rest();
    else this.#ears?.attend(command.to, this.#agent?.lastWords ?? '', this.#language);
    // After what was judged under the mode before.
    this.#watch.notes?.earsTold(command);
  }

  #heard(event: EarsEvent, sendBack: Tell): void {
    if (event.type === 'limited') this.#clock.finished(event.speechEndAt, 'limit');
    if (event.type === 'finished') {
      this.#clock.finished(event.speechEndAt, event.reason, event.heardAt);
    }
    const told = toldByEars(event);
    if (told && event.type === 'spoke') {
      this.#clock.silenceEnded();
      this.#watch.callerSpoke(event.onsetAt, () => sendBack(told));
    } else if (told) sendBack(told);
  }
}
