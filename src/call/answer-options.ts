import type { Voice } from '../tts/voice.ts';
import type { Playback } from '../twilio/playback.ts';
import type { Conversation } from '../ultravox/conversation.ts';
import type { EngineQueue } from '../ultravox/engine-queue.ts';
import type { AnswerTrace } from './answer-trace.ts';
import type { TurnInProgress } from './asked-turn.ts';
import type { Tools } from './tool-work.ts';
import type { TurnClock } from './turn-clock.ts';

export interface AnswerOptions {
  /** CallSid, for whoever looks at the queue. */
  owner?: string | undefined;
  playback: Playback;
  queue: EngineQueue;
  voice: Voice;
  conversation: Conversation;
  tools: Tools;
  /** What changes from minute to minute, such as the time: told to the model last. */
  note(): string;
  clock: TurnClock;
  /** In which the call begins. */
  language: string;
  temperature: number;
  maxTokens: number;
  /** From asking until the engine must have begun, ms. */
  queueDeadlineMs: number;
  /** Whether an answer is prepared at a pause, before it is known that the caller has finished. */
  speculates: boolean;
  turn: TurnInProgress;
  onFailure(error: Error): void;
  trace: AnswerTrace;
  signal: AbortSignal;
}

export interface AnswerHandlers {
  isSpeaking(): boolean;
  /** There may be something to be said, or to be done to the call. */
  onProgress(): void;
  /** A tool begins, and nothing is being said. */
  onToolBegan(): void;
  /** Its result is about to become history: what is being said comes before it. */
  onToolResult(): void;
  onToolEnded(): void;
  /** Nothing more will come, and nothing is being said. */
  onFailed(): void;
}
