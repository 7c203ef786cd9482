import type { Logger } from 'pino';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { CallInput } from '../../machines/call-protocol.ts';
import { statePath } from '../../machines/state-path.ts';
import type { Call } from '../call.ts';
import type { ReplyNote, SpeculationNote, ToolNote } from '../journal/call-event.ts';
import { last4 } from '../journal/caller-key.ts';
import { VoiceError } from '../tts/voice.ts';
import type { MediaStream } from '../twilio/media-stream.ts';
import type { PlaybackWatch } from '../twilio/playback.ts';
import type { Playout } from '../twilio/playout-log.ts';
import type { Turn } from '../ultravox/conversation.ts';
import { EngineError } from '../ultravox/engine-error.ts';
import type { AnswerTrace } from './answer-trace.ts';
import { CallFigures } from './call-figures.ts';
import { CallNotes } from './call-notes.ts';
import type { CallRecord } from './call-record.ts';
import { type CallRecording, startRecording } from './call-recording.ts';
import type { CallServices } from './call-services.ts';
import type { EarlierLife } from './earlier-life.ts';
import type { TurnTiming } from './turn-clock.ts';

/** Looks on at one call: tells its log, its records and its observer what happens, and counts it. */
export class CallWatch implements AnswerTrace, PlaybackWatch {
  readonly figures = new CallFigures();
  log: Logger;
  /** Undefined until the stream has started: before that nobody knows which call it is. */
  notes: CallNotes | undefined;
  /** Undefined where calls are not recorded. */
  recording: CallRecording | undefined;
  readonly #call: Call;
  readonly #services: CallServices;
  readonly #problems = new Set<string>();
  #timeout: string | null = null;
  #state = '';
  /** While the caller's first sound is being told of: when it came (performance.now()). */
  #onsetAt: number | undefined;

  constructor(call: Call, services: CallServices) {
    this.#call = call;
    this.#services = services;
    this.log = services.log;
  }

  /** @param earlier what is known of the call's lives before this one */
  began({ start, playback }: MediaStream, input: CallInput, earlier?: EarlierLife): CallNotes {
    const { callSid, customParameters } = start;
    const { journal, versions, log, recordings, observer } = this.#services;
    const language = earlier?.language ?? this.#services.language;
    this.log = log.child({ callSid });
    this.log.info('Client connected to voice agent');
    const notes = new CallNotes({ journal, callSid, versions, earlier });
    notes.began(language, input, earlier?.continued);
    playback.watch(this);
    this.notes = notes;
    this.recording = startRecording(recordings, callSid, this.log);
    if (this.recording) playback.watch(this.recording);
    const callerLast4 = last4(customParameters.get('caller') ?? '') ?? null;
    const startedAt = earlier?.startedAt ?? Date.now();
    observer?.onStarted?.(this.#call, { callSid, language, callerLast4, startedAt });
    this.figures.takeUp(earlier?.counted ?? []);
    for (const { row } of earlier?.turns ?? []) observer?.onWords?.(this.#call, row);
    return notes;
  }

  turn(turn: Turn, index: number, language: string): void {
    const row = this.notes?.turn(turn, index, language);
    if (row) this.#services.observer?.onWords?.(this.#call, row);
  }

  answered(timing: TurnTiming): void {
    this.figures.timings.push(timing);
    this.notes?.answered(timing);
    this.log.info(timing, 'turn answered');
    this.#services.observer?.onTurn?.(this.#call, timing);
  }

  replyEnded(note: ReplyNote): void {
    this.notes?.replyEnded(note);
    this.#services.observer?.onReply?.(this.#call, note);
  }

  toolEnded(note: ToolNote): void {
    this.notes?.toolEnded(note);
    this.#services.observer?.onTool?.(this.#call, note);
  }

  speculationEnded(note: SpeculationNote): void {
    this.figures.noteSpeculation(note);
    this.notes?.speculationEnded(note);
    this.#services.observer?.onSpeculation?.(this.#call, note);
  }

  playoutEnded(playout: Playout): void {
    this.notes?.playoutEnded(playout);
    this.#services.observer?.onPlayout?.(this.#call, playout);
  }

  /** Sound that stops while this is told stops because of it. */
  callerSpoke(onsetAt: number, tell: () => void): void {
    this.#onsetAt = onsetAt;
    tell();
    this.#onsetAt = undefined;
  }

  cleared(): void {
    if (this.#onsetAt === undefined) return;
    this.#services.observer?.onBargeIn?.(this.#call, performance.now() - this.#onsetAt);
  }

  /** @param root the call's own actor */
  inspect(event: InspectionEvent, root: AnyActorRef): void {
    const { observer } = this.#services;
    observer?.onInspection?.(this.#call, event);
    if (event.actorRef !== root) return;
    if (event.type === '@xstate.event') {
      this.figures.noteEvent(event.event.type);
      this.notes?.event(event.event);
    }
    if (event.type !== '@xstate.snapshot') return;
    const path = statePath(root.getSnapshot().value);
    if (path === this.#state) return;
    this.#state = path;
    this.figures.noteState(path);
    this.notes?.state(path);
    observer?.onState?.(this.#call, path, event.event.type);
  }

  ended(record: CallRecord): void {
    const { outcome, reason, turns, durationMs, interruptions, failures } = record;
    const answers = record.turnTimings.length;
    const line = { outcome, reason, turns, durationMs, interruptions, failures, answers };
    this.log.info(line, 'call ended');
    this.#services.observer?.onEnded?.(this.#call, record);
  }

  timeout(reason: string | null): void {
    if (reason === this.#timeout) return;
    this.#timeout = reason;
    if (reason) this.log.info({ reason }, 'Call timeout reached');
  }

  failure(error: Error): void {
    this.problem(kindOf(error), error);
  }

  /** Once per kind and call: a flood of bad messages must not become a flood of lines. */
  problem(kind: string, error?: Error): void {
    if (this.#problems.has(kind)) return;
    this.#problems.add(kind);
    this.log.warn({ kind, ...(error && { err: error }) }, 'problem met');
  }
}

function kindOf(error: Error): string {
  if (error instanceof EngineError) return `engine.${error.kind}`;
  if (error instanceof VoiceError) return `voice.${error.kind}`;
  return error.name;
}
