import type { AgentCommand, ClipName } from '../../machines/call-protocol.ts';
import type { Clip } from '../tts/clips.ts';
import type { Voice } from '../tts/voice.ts';
import type { Playback } from '../twilio/playback.ts';
import type { Conversation } from '../ultravox/conversation.ts';
import { EngineError } from '../ultravox/engine-error.ts';
import type { EngineQueue, Priority } from '../ultravox/engine-queue.ts';
import { Reply } from './reply.ts';
import { Speech } from './speech.ts';
import type { TurnClock } from './turn-clock.ts';

export interface AgentOptions {
  playback: Playback;
  queue: EngineQueue;
  voice: Voice;
  clips: Readonly<Record<ClipName, Clip>>;
  conversation: Conversation;
  clock: TurnClock;
  language: string;
  temperature: number;
  maxTokens: number;
  /** From asking until the engine must have begun, ms. */
  queueDeadlineMs: number;
  /** The caller's turn in progress. */
  turn: { audio(): Uint8Array; digits(): string; forget(): void };
  tell(type: 'agent.audible' | 'agent.finished' | 'agent.failed'): void;
  onFailure(error: Error): void;
  signal: AbortSignal;
}

/**
 * Our side of a call: prepares replies, says them and clips, stops and resumes. At any time at most
 * one reply is on its way and at most one thing is being said; a new command replaces the one before.
 */
export class Agent {
  readonly #options: AgentOptions;
  /** Being said, or stopped and resumable. */
  #speech: Speech | undefined;
  /** Said into the silence while a reply is awaited; it counts as nothing. */
  #filler: Speech | undefined;
  #reply: Reply | undefined;
  /** The reply's audio so far; it becomes #speech when the caller's turn is over. */
  #pending: Speech | undefined;
  /** The caller's turn as the engine was given it: the history holds the same bytes. */
  #asked: { mulaw: Uint8Array; digits: string } = { mulaw: new Uint8Array(), digits: '' };
  /** The caller's turn is over: the reply may be heard as soon as there is sound. */
  #released = false;
  #failure: Error | undefined;
  #retried = false;
  #lastWords = '';

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** What the agent said last, for judging how long an answer may take. */
  get lastWords(): string {
    return this.#speech?.text || this.#lastWords;
  }

  perform(command: AgentCommand): void {
    if (command.type === 'play') this.#playClip(command.clip);
    else if (command.type === 'fill') this.#fill(command.clip);
    else if (command.type === 'prepare') this.#prepare('speculative');
    else if (command.type === 'reply') this.#release();
    else if (command.type === 'hush') this.#speech?.stop();
    else if (command.type === 'resume') this.#resume();
    else this.#yield();
  }

  /** Silence; what was heard until now stays in the history. */
  close(): void {
    this.#yield();
  }

  #playClip(name: ClipName): void {
    this.#yield();
    this.#speech = Speech.ofClip(this.#options.playback, this.#options.clips[name]);
    this.#say(this.#speech);
  }

  #fill(name: ClipName): void {
    if (this.#speech || this.#filler) return;
    const filler = Speech.ofClip(this.#options.playback, this.#options.clips[name]);
    this.#filler = filler;
    filler.play({
      onFinished: () => {
        if (this.#filler !== filler) return;
        this.#filler = undefined;
        this.#speakIfReady();
      },
    });
  }

  #prepare(priority: Priority): void {
    this.#reply?.cancel();
    this.#failure = undefined;
    const { conversation, turn, clock, temperature, maxTokens } = this.#options;
    const speech = new Speech(this.#options.playback);
    const reply = new Reply(
      {
        ...this.#options,
        priority,
        deadlineMs: this.#options.queueDeadlineMs,
        request: () => {
          this.#asked = { mulaw: turn.audio(), digits: turn.digits() };
          return { messages: conversation.request(this.#asked), temperature, maxTokens };
        },
      },
      {
        onText: (piece) => speech.addText(piece),
        onSound: (event) => {
          speech.append(event);
          this.#speakIfReady();
        },
        onEnded: (error) => this.#replyEnded(speech, error),
      },
    );
    this.#reply = reply;
    this.#pending = speech;
    clock.follow(reply);
  }

  #replyEnded(speech: Speech, error: Error | undefined): void {
    this.#reply = undefined;
    this.#failure = error;
    if (error) this.#options.onFailure(error);
    if (error) speech.cutShort();
    else speech.complete();
    if (speech !== this.#pending) return;
    // A reply that failed unheard while the caller may still go on is asked for again when needed.
    if (!speech.hasAudio) this.#pending = undefined;
    if (!error || speech.hasAudio || !this.#released) return;
    if (this.#mayRetry(error)) this.#prepare('waiting');
    else this.#tellFailed();
  }

  /** Once a turn, and only for what may be different the next time. */
  #mayRetry(error: Error): boolean {
    const retry = !this.#retried && error instanceof EngineError && error.retryable;
    this.#retried ||= retry;
    return retry;
  }

  #release(): void {
    this.#released = true;
    this.#retried = false;
    if (this.#reply) this.#reply.promote();
    else if (!this.#pending) this.#prepare('waiting');
    this.#speakIfReady();
  }

  /** The first sound of a released reply goes out once no filler is in its way. */
  #speakIfReady(): void {
    const speech = this.#pending;
    if (!speech?.hasAudio || !this.#released || this.#filler) return;
    this.#pending = undefined;
    this.#released = false;
    this.#speech = speech;
    this.#say(speech, () => this.#commitCallerTurn());
  }

  #say(speech: Speech, onAudible?: () => void): void {
    speech.play({
      ...(onAudible && { onAudible }),
      onFinished: () => {
        if (this.#speech !== speech) return;
        this.#rememberSaid(speech);
        if (this.#failure) this.#tellFailed();
        else this.#options.tell('agent.finished');
      },
    });
  }

  /** From here on the turn belongs to the history: it has been answered audibly. */
  #commitCallerTurn(): void {
    const { conversation, turn, clock, tell } = this.#options;
    conversation.addCallerTurn({ id: crypto.randomUUID(), ...this.#asked });
    turn.forget();
    tell('agent.audible');
    clock.audible();
  }

  #resume(): void {
    if (this.#speech) this.#say(this.#speech);
    else this.#options.tell('agent.finished');
  }

  #yield(): void {
    this.#cancelReply();
    this.#filler?.stop();
    this.#filler = undefined;
    this.#speech?.stop();
    if (this.#speech) this.#rememberSaid(this.#speech);
  }

  #cancelReply(): void {
    this.#reply?.cancel();
    this.#reply = undefined;
    this.#pending = undefined;
    this.#released = false;
    this.#failure = undefined;
  }

  #tellFailed(): void {
    this.#failure = undefined;
    this.#released = false;
    this.#options.tell('agent.failed');
  }

  /** What was heard, and no more, enters the history. */
  #rememberSaid(speech: Speech): void {
    this.#speech = undefined;
    this.#lastWords = speech.heardText();
    this.#options.conversation.addAgentTurn(this.#lastWords);
  }
}
