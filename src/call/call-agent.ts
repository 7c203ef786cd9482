import type { Desk } from '../restaurant/desk.ts';
import type { MediaStream } from '../twilio/media-stream.ts';
import type { Conversation } from '../ultravox/conversation.ts';
import { Agent, type AgentOptions } from './agent.ts';
import type { CallServices } from './call-services.ts';
import type { CallWatch } from './call-watch.ts';
import { callerTurn } from './caller-turn.ts';
import { owedWords } from './cut-off.ts';
import { deskTools } from './desk-tools.ts';
import type { EarlierLife } from './earlier-life.ts';
import type { Ears } from './ears.ts';

export interface CallAgentOptions extends Pick<AgentOptions, 'clock' | 'tell' | 'signal'> {
  services: CallServices;
  stream: MediaStream;
  watch: CallWatch;
  conversation: Conversation;
  ears: Ears;
  desk: Desk;
  earlier: EarlierLife | undefined;
  /** The caller's turn has become history. */
  onTurn(): void;
}

/** The agent of one call, among the call's other organs. */
export function callAgent(options: CallAgentOptions): Agent {
  const { services, stream, watch, conversation, ears, desk, earlier } = options;
  const { clock, tell, signal } = options;
  return new Agent({
    ...services,
    language: earlier?.language ?? services.language,
    owedWords: earlier?.continued.cutOff === 'agent' ? owedWords(earlier) : undefined,
    owner: stream.start.callSid,
    playback: stream.playback,
    conversation,
    tools: deskTools(desk, services.toolDescriptions, conversation),
    clock,
    turn: callerTurn({
      ears,
      earlier: earlier?.pending?.mulaw,
      onFinished: (mulaw) => watch.notes?.callerFinished(mulaw, conversation.nextIndex),
      onAnswered: options.onTurn,
    }),
    trace: watch,
    tell,
    onFailure: (error) => watch.failure(error),
    signal,
  });
}
