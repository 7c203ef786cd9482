/** An agent with a real queue and real playback in virtual time; engine and voice obey the test. */

import { CLIP_NAMES, type ClipName } from '../../machines/call-protocol.ts';
import { Agent, type AgentOptions } from '../../src/call/agent.ts';
import type { ToolCall, Tools } from '../../src/call/tool-work.ts';
import { TurnClock, type TurnTiming } from '../../src/call/turn-clock.ts';
import type { ReplyNote, SpeculationNote, ToolNote } from '../../src/journal/call-event.ts';
import type { DeskAnswer } from '../../src/restaurant/desk-answer.ts';
import type { Clip } from '../../src/tts/clips.ts';
import type { SpeakOptions, Voice, VoiceEvent } from '../../src/tts/voice.ts';
import { Conversation, type Turn } from '../../src/ultravox/conversation.ts';
import { EngineQueue, type QueueOptions } from '../../src/ultravox/engine-queue.ts';
import { clipOf, soundOf, wordsOf } from './spoken-words.ts';
import { SteeredEngine } from './steered-engine.ts';
import { VirtualEar } from './virtual-ear.ts';

/** Clips have numbers from 101 on: greeting 101, filler 111, patience 121 ... */
const CLIPS = Object.fromEntries(
  CLIP_NAMES.map((name, at) => [name, clipOf(`${name} clip.`, 101 + 10 * at)]),
) as Record<ClipName, Clip>;

/** Gives 300 ms of sound for each word, at once; `fault` happens after the first piece. */
class SteeredVoice implements Voice {
  readonly name = 'steered';
  fault: Error | 'silence' | 'goes on after the abort' | undefined;
  /** Sound comes when this is resolved. */
  gate = Promise.resolve();
  /** In which it was asked to speak, reply by reply. */
  readonly languages: (string | undefined)[] = [];

  async *speak(text: AsyncIterable<string>, options: SpeakOptions): AsyncGenerator<VoiceEvent> {
    const { signal } = options;
    this.languages.push(options.language);
    let spoken = 0;
    for await (const piece of text) {
      await this.gate;
      if (this.fault !== 'goes on after the abort') signal.throwIfAborted();
      if (this.fault === 'silence') continue;
      const words = wordsOf(piece, spoken * 300);
      yield { type: 'words', words };
      yield { type: 'audio', mulaw: soundOf(piece, spoken + 1) };
      spoken += words.length;
      if (this.fault instanceof Error) throw this.fault;
    }
  }

  async close(): Promise<void> {}
}

/** Tools that answer when the test says so. */
export class SteeredTools implements Tools {
  readonly descriptions = [{ type: 'function', function: { name: 'book' } }];
  readonly calls: ToolCall[] = [];
  #answer = Promise.withResolvers<DeskAnswer>();

  run(call: ToolCall): Promise<DeskAnswer> {
    this.calls.push(call);
    return this.#answer.promise;
  }

  /** Ends the tool that works. */
  answer(content: string, effect?: DeskAnswer['effect']): void {
    this.#answer.resolve({ content, accepted: true, ...(effect && { effect }) });
    this.#answer = Promise.withResolvers();
  }
}

export class SteeredAgent {
  readonly ear = new VirtualEar();
  readonly engine = new SteeredEngine();
  readonly voice = new SteeredVoice();
  readonly queue: EngineQueue;
  readonly tools = new SteeredTools();
  /** Languages in which clips were asked for. */
  readonly clipLanguages: string[] = [];
  note = '';
  /** Turns as they were told, each time. */
  readonly toldTurns: [index: number, turn: Turn][] = [];
  readonly conversation = new Conversation({
    systemPrompt: 'You answer.',
    onTurn: (turn, index) => this.toldTurns.push([index, turn]),
  });
  readonly told: string[] = [];
  readonly failures: Error[] = [];
  readonly timings: TurnTiming[] = [];
  readonly clock = new TurnClock((timing) => this.timings.push(timing));
  readonly replies: ReplyNote[] = [];
  readonly toolNotes: ToolNote[] = [];
  readonly speculations: SpeculationNote[] = [];
  readonly scope = new AbortController();
  /** The caller's turn in progress. */
  turnAudio = new Uint8Array(1600).fill(7);
  turnDigits = '';
  forgotten = 0;
  finished: Uint8Array[] = [];
  readonly agent: Agent;

  constructor({
    owedWords,
    speculates = true,
    queue = {},
  }: Partial<Pick<AgentOptions, 'owedWords' | 'speculates'>> & { queue?: QueueOptions } = {}) {
    this.queue = new EngineQueue({ ...queue, stream: this.engine.stream });
    this.agent = new Agent({
      owedWords,
      playback: this.ear.playback,
      queue: this.queue,
      voice: this.voice,
      clips: (language) => {
        this.clipLanguages.push(language);
        return CLIPS;
      },
      tools: this.tools,
      note: () => this.note,
      conversation: this.conversation,
      clock: this.clock,
      language: 'en',
      temperature: 0.3,
      maxTokens: 100,
      queueDeadlineMs: 6000,
      speculates,
      turn: {
        audio: () => this.turnAudio.slice(),
        digits: () => this.turnDigits,
        finished: (mulaw) => this.finished.push(mulaw),
        forget: () => {
          this.forgotten += 1;
        },
      },
      trace: {
        replyEnded: (note) => this.replies.push(note),
        toolEnded: (note) => this.toolNotes.push(note),
        speculationEnded: (note) => this.speculations.push(note),
      },
      tell: (event) => {
        this.told.push('destination' in event ? `${event.type} ${event.destination}` : event.type);
      },
      onFailure: (error) => this.failures.push(error),
      signal: this.scope.signal,
    });
  }

  /** Gives commands by their types, in order. */
  perform(...types: ('prepare' | 'reply' | 'hush' | 'resume' | 'yield')[]): void {
    for (const type of types) this.agent.perform({ type });
  }

  play(clip: ClipName): void {
    this.agent.perform({ type: 'play', clip });
  }

  fill(clip: ClipName): void {
    this.agent.perform({ type: 'fill', clip });
  }

  /** What the agent is remembered to have said. */
  get said(): string[] {
    return this.conversation.turns.flatMap((turn) => (turn.speaker === 'agent' ? turn.text : []));
  }

  get callerTurns(): { mulaw?: Uint8Array; digits?: string }[] {
    return this.conversation.turns.flatMap((turn) => (turn.speaker === 'caller' ? turn : []));
  }
}
