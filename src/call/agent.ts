import type { AgentCommand, CallEvent, ClipName } from '../../machines/call-protocol.ts';
import type { DeskEffect } from '../restaurant/desk-answer.ts';
import type { Clip } from '../tts/clips.ts';
import { Answer } from './answer.ts';
import type { AnswerOptions } from './answer-options.ts';
import { Speech } from './speech.ts';
import { SpokenHistory } from './spoken-history.ts';

export interface AgentOptions extends AnswerOptions {
  /** The prepared sentences of a language. */
  clips(language: string): Readonly<Record<ClipName, Clip>>;
  /** Words that the caller was cut off from, in a life of the call before: the first answer. */
  owedWords?: string | undefined;
  tell(event: Extract<CallEvent, { type: `agent.${string}` }>): void;
}

/**
 * Our side of a call: says answers and clips, stops and resumes. At any time at most one answer is
 * on its way and at most one thing is being said; a new command replaces the one before.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #answer: Answer;
  readonly #history: SpokenHistory;
  /** Being said, or stopped and resumable. */
  #speech: Speech | undefined;
  /** Said into the silence while an answer is awaited; it counts as nothing. */
  #filler: Speech | undefined;
  #lastWords = '';
  /** Being said, but no part of the history. */
  #noTurn: Speech | undefined;
  #owedWords: string | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#owedWords = options.owedWords;
    this.#history = new SpokenHistory(options.conversation);
    this.#answer = new Answer(options, this.#history, {
      isSpeaking: () => this.#speech !== undefined,
      onProgress: () => this.#proceed(),
      onToolBegan: () => options.tell({ type: 'agent.consulting' }),
      onToolResult: () => this.#speech && this.#history.hold(this.#speech),
      onToolEnded: () => options.tell({ type: 'agent.consulted' }),
      onFailed: () => this.#tellFailed(),
    });
  }

  /** What the agent said last, for judging how long an answer may take. */
  get lastWords(): string {
    return this.#speech?.text || this.#lastWords;
  }

  get language(): string {
    return this.#answer.language;
  }

  perform(command: AgentCommand): void {
    if (command.type === 'play') this.#playClip(command.clip);
    else if (command.type === 'fill') this.#fill(command.clip);
    else if (command.type === 'prepare') this.#answer.speculate();
    else if (command.type === 'reply') this.#reply();
    else if (command.type === 'hush') this.#hush();
    else if (command.type === 'resume') this.#resume();
    else {
      // The caller has something else to say.
      this.#owedWords = undefined;
      this.#yield();
    }
  }

  /** Silence; what was heard until now stays in the history. Resolves when no tool works any more. */
  close(): Promise<void> {
    this.#yield();
    return this.#answer.settled;
  }

  #clip(name: ClipName): Speech {
    const { playback, clips } = this.#options;
    return Speech.ofClip(playback, clips(this.language)[name]);
  }

  #playClip(name: ClipName): void {
    this.#yield();
    this.#speech = this.#clip(name);
    if (NO_TURNS.has(name)) this.#noTurn = this.#speech;
    this.#say(this.#speech);
  }

  #reply(): void {
    const words = this.#owedWords;
    this.#owedWords = undefined;
    if (words) this.#answer.say(words);
    else this.#answer.release();
  }

  #hush(): void {
    this.#speech?.stop();
    this.#tellHeard();
  }

  #fill(name: ClipName): void {
    if (this.#speech || this.#filler) return;
    const filler = this.#clip(name);
    this.#filler = filler;
    filler.play({
      onAudible: () => this.#options.clock.silenceEnded(),
      onFinished: () => {
        if (this.#filler !== filler) return;
        this.#filler = undefined;
        this.#options.clock.fellSilent();
        this.#proceed();
      },
    });
  }

  /** What comes next of an answer, when nothing is being said. */
  #proceed(): void {
    if (this.#speech || this.#filler) return;
    const speech = this.#answer.takeSpeech();
    const effect = speech ? undefined : this.#answer.takeEffect();
    if (speech) {
      this.#speech = speech;
      this.#say(speech, () => this.#becameAudible());
    } else if (effect) this.#apply(effect);
  }

  #apply(effect: DeskEffect): void {
    this.#answer.cancel();
    const { tell } = this.#options;
    if (effect.type === 'endCall') tell({ type: 'agent.concluded' });
    if (effect.type !== 'transfer') return;
    tell({ type: 'agent.transferred', destination: effect.destination });
  }

  #say(speech: Speech, onAudible?: () => void): void {
    speech.play({
      onAudible: () => {
        this.#options.clock.silenceEnded();
        onAudible?.();
        if (speech !== this.#noTurn) this.#history.hold(speech);
      },
      onHeard: () => {
        if (this.#speech === speech) this.#tellHeard();
        else this.#history.heardLate(speech);
      },
      onFinished: () => {
        if (this.#speech !== speech) return;
        this.#rememberSaid(speech);
        this.#afterSpeech();
      },
    });
  }

  #afterSpeech(): void {
    if (this.#answer.hasFailed) this.#tellFailed();
    else if (this.#answer.isUnderWay) this.#goOn();
    else {
      this.#answer.finish();
      this.#options.tell({ type: 'agent.finished' });
    }
  }

  /** Words came before a tool; if they are over before it, the caller waits again. */
  #goOn(): void {
    this.#proceed();
    if (this.#speech || !this.#answer.isReleased) return;
    const { isConsulting } = this.#answer;
    this.#options.clock.fellSilent();
    this.#options.tell({ type: 'agent.consulting' });
    if (!isConsulting) this.#options.tell({ type: 'agent.consulted' });
  }

  #becameAudible(): void {
    this.#answer.commitCallerTurn();
    this.#options.tell({ type: 'agent.audible' });
    this.#options.clock.audible();
  }

  #tellHeard(): void {
    if (this.#speech) this.#history.heard(this.#speech, !this.#answer.leadsOn);
  }

  #resume(): void {
    if (this.#speech) this.#say(this.#speech);
    else this.#options.tell({ type: 'agent.finished' });
  }

  #yield(): void {
    this.#answer.cancel();
    this.#filler?.stop();
    this.#filler = undefined;
    this.#speech?.stop();
    if (this.#speech) this.#rememberSaid(this.#speech);
  }

  #tellFailed(): void {
    this.#answer.cancel();
    this.#options.tell({ type: 'agent.failed' });
  }

  /** What was heard, and no more, enters the history. */
  #rememberSaid(speech: Speech): void {
    this.#speech = undefined;
    if (speech === this.#noTurn) this.#noTurn = undefined;
    else this.#lastWords = this.#history.end(speech);
  }
}

/** About the line and not in answer to anybody: like what is said into a silence, these count as nothing. */
const NO_TURNS: ReadonlySet<ClipName> = new Set(['cutOff', 'cutOffYou', 'movingOn']);
