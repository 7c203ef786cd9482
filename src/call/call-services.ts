import type { Logger } from 'pino';
import type { InspectionEvent } from 'xstate';
import type { CallLimits, ClipName } from '../../machines/call-protocol.ts';
import type { Call } from '../call.ts';
import type { ReplyNote, SpeculationNote, ToolNote } from '../journal/call-event.ts';
import type { Continuation } from '../journal/continuation.ts';
import type { JournalEntry } from '../journal/journal-entry.ts';
import type { TurnRow } from '../journal/schema.ts';
import type { Desk } from '../restaurant/desk.ts';
import type { Clip } from '../tts/clips.ts';
import type { Voice } from '../tts/voice.ts';
import type { TurnModel } from '../turns/turn-model.ts';
import type { VoiceActivity } from '../turns/voice-activity.ts';
import type { StreamStart } from '../twilio/media-stream.ts';
import type { Playout } from '../twilio/playout-log.ts';
import type { AudioFormat } from '../ultravox/encode-audio.ts';
import type { EngineQueue } from '../ultravox/engine-queue.ts';
import type { CallRecord } from './call-record.ts';
import type { Tools } from './tool-work.ts';
import type { TurnTiming } from './turn-clock.ts';

/** What every call shares. */
export interface CallServices {
  limits: CallLimits;
  /** Is there somebody to whom a call can be given now? */
  personReachable(): boolean;
  verify(start: StreamStart): boolean;
  /**
   * Says of a stream that was verified whether it comes to this process alone. Within a second, but
   * for a process that has just started; never rejects.
   */
  claim?: ((start: StreamStart) => Promise<boolean>) | undefined;
  /**
   * What is known of a call's lives before this one; undefined: this life does not own the call, or there
   * is none. Where it is not given, no call continues.
   */
  continuation?:
    | ((callSid: string, epoch: number) => Promise<Continuation | undefined>)
    | undefined;
  activity: VoiceActivity;
  /** Undefined: the ends of turns are judged without one. */
  turnModel?: TurnModel | undefined;
  queue: EngineQueue;
  voice: Voice;
  /** The prepared sentences of a language. */
  clips(language: string): Readonly<Record<ClipName, Clip>>;
  systemPrompt: string;
  /** What changes from minute to minute: told to the model last. */
  note(): string;
  /** @param call.epoch of the life that asks */
  openDesk(call: { callSid: string; callerPhone: string | undefined; epoch: number }): Desk;
  /** In OpenAI's form. */
  toolDescriptions: Tools['descriptions'];
  journal: {
    write(entry: JournalEntry): void;
    /** Resolves when what was given to it has been written, or after so long. */
    flush?(withinMs: number): Promise<unknown>;
  };
  /** The directory in which the sound of calls is kept; undefined: it is not. */
  recordings?: string | undefined;
  /** JSON, for the records: of program, model and voice. */
  versions: string;
  audioFormat(): AudioFormat;
  /** In which calls begin. */
  language: string;
  temperature: number;
  maxTokens: number;
  queueDeadlineMs: number;
  /** Whether an answer is prepared at a pause, before it is known that the caller has finished. */
  speculates: boolean;
  log: Logger;
  observer?: CallObserver;
  /** Aborted when the server goes: what is left of work after calls stays undone. */
  closing: AbortSignal;
}

/** Somebody who watches calls: the terminal, a benchmark, a test. It must not throw. */
export interface CallObserver {
  /** All that XState reports of this call's actors. */
  onInspection?(call: Call, event: InspectionEvent): void;
  /** The call machine is in another state, because of this event. */
  onState?(call: Call, path: string, eventType: string): void;
  /** The stream has started: it is known which call this is. */
  onStarted?(call: Call, start: CallStart): void;
  /** A turn has been written down, or its words have: as the records have them, by `turn`. */
  onWords?(call: Call, row: TurnRow): void;
  onTurn?(call: Call, timing: TurnTiming): void;
  /** A request for an answer is over, however it ended. */
  onReply?(call: Call, note: ReplyNote): void;
  /** An answer that was prepared at a pause has been used, or dropped. */
  onSpeculation?(call: Call, note: SpeculationNote): void;
  onTool?(call: Call, note: ToolNote): void;
  /** The agent was stopped because the caller spoke: so long after the caller's first sample. */
  onBargeIn?(call: Call, stopMs: number): void;
  /** A generation of sound is over. */
  onPlayout?(call: Call, playout: Playout): void;
  onEnded?(call: Call, record: CallRecord): void;
}

export interface CallStart {
  callSid: string;
  /** In which it begins. */
  language: string;
  /** Of the caller's number; null: it is withheld. */
  callerLast4: string | null;
  /** ms since 1970. */
  startedAt: number;
}
