import type { DeskEffect } from '../restaurant/desk-answer.ts';
import type { EngineRequest } from '../ultravox/engine-client.ts';
import { EngineError } from '../ultravox/engine-error.ts';
import type { Priority } from '../ultravox/engine-queue.ts';
import type { AnswerHandlers, AnswerOptions } from './answer-options.ts';
import { AskedTurn } from './asked-turn.ts';
import { Reply, ReplyError } from './reply.ts';
import { Speculation } from './speculation.ts';
import { Speech } from './speech.ts';
import type { SpokenHistory } from './spoken-history.ts';
import { type ToolCall, ToolWork } from './tool-work.ts';

/**
 * The answer to the caller's turn: asked for at a pause or when the turn is over, and made of one
 * reply of the model, or of several with tools between them. It gives out what is to be said, once
 * the turn is over, and makes no sound itself.
 */
export class Answer {
  readonly #options: AnswerOptions;
  readonly #handlers: AnswerHandlers;
  readonly #history: SpokenHistory;
  readonly #work: ToolWork;
  #language: string;
  #reply: Reply | undefined;
  /** Sound that is still to be said, in order. */
  #waiting: Speech[] = [];
  readonly #asked: AskedTurn;
  readonly #speculation: Speculation;
  /** Called by the model; it begins when the caller's turn is over, never on speculation. */
  #toolCall: ToolCall | undefined;
  /** What a tool does to the call, once nothing is being said. */
  #effect: DeskEffect | undefined;
  /** The model is still to speak of a tool's result. */
  #owesResult = false;
  /** Tools in a row. */
  #rounds = 0;
  /** The caller's turn is over: the answer may be heard as soon as there is sound. */
  #released = false;
  #failure: Error | undefined;
  #retried = false;

  constructor(options: AnswerOptions, history: SpokenHistory, handlers: AnswerHandlers) {
    this.#options = options;
    this.#history = history;
    this.#handlers = handlers;
    this.#language = options.language;
    this.#work = new ToolWork(options);
    this.#asked = new AskedTurn(options);
    this.#speculation = new Speculation({
      isAllowed: options.speculates,
      tell: (note) => options.trace.speculationEnded(note),
    });
  }

  get language(): string {
    return this.#language;
  }

  /** Resolves when no tool works. */
  get settled(): Promise<void> {
    return this.#work.settled;
  }

  get isConsulting(): boolean {
    return this.#work.isBusy;
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** More of it is to come after what is being said. */
  get isUnderWay(): boolean {
    if (!this.#released) return false;
    if (this.#reply || this.#effect) return true;
    return this.#waiting.length > 0 || this.#owesResult;
  }

  get isReleased(): boolean {
    return this.#released;
  }

  /** The next part that has sound, once the turn is over. */
  takeSpeech(): Speech | undefined {
    if (!this.#released || !this.#waiting[0]?.hasAudio) return undefined;
    return this.#waiting.shift();
  }

  /** What is to be done to the call, once all words before it are said. */
  takeEffect(): DeskEffect | undefined {
    if (!this.#released || this.#waiting[0]?.text) return undefined;
    const effect = this.#effect;
    this.#effect = undefined;
    return effect;
  }

  /** What is being said leads to something else than its own end: to a tool, or its result. */
  get leadsOn(): boolean {
    return this.#toolCall !== undefined || this.#owesResult || this.#effect !== undefined;
  }

  /** The caller has paused, and may go on: an answer is prepared, unless the turn has had enough of them. */
  speculate(): void {
    if (this.#speculation.mayTry(this.#options.turn.audio())) this.prepare('speculative');
  }

  /**
   * @param ofResult the model speaks of a tool's result: nothing new of the caller goes with it
   * @param words said instead of what the model would say
   */
  prepare(priority: Priority, ofResult = false, words?: string): void {
    this.#reply?.cancel();
    this.#speculation.dropped();
    this.#failure = undefined;
    this.#toolCall = undefined;
    if (!ofResult) this.#asked.reset();
    const speech = new Speech(this.#options.playback);
    const reply = new Reply(
      {
        ...this.#options,
        language: this.#language,
        priority,
        ofResult,
        words,
        onNote: (note) => this.#options.trace.replyEnded(note),
        deadlineMs: this.#options.queueDeadlineMs,
        ready: this.#work.settled,
        request: () => this.#request(ofResult),
      },
      {
        onText: (piece) => speech.addText(piece),
        onSound: (event) => {
          speech.append(event);
          this.#handlers.onProgress();
        },
        onToolCall: (call) => this.#wantTool(call),
        onEnded: (error) => this.#replyEnded(speech, ofResult, error),
      },
    );
    this.#reply = reply;
    if (priority === 'speculative') this.#speculation.began(reply);
    this.#waiting.push(speech);
    this.#options.clock.follow(reply);
  }

  /** The caller has heard these words only in part: they are said, and are all of the answer. */
  say(words: string): void {
    this.#released = true;
    this.prepare('waiting', false, words);
  }

  /** The caller's turn is over. */
  release(): void {
    this.#released = true;
    this.#retried = false;
    const isPrepared = this.#reply?.promote() ?? true;
    if (!isPrepared || this.#asked.isOutdated) this.#forgetPrepared();
    this.#speculation.used();
    this.#asked.finished();
    if (this.#toolCall) this.#beginTool(this.#toolCall);
    else if (!this.#reply && this.#waiting.length === 0 && !this.#work.isBusy)
      this.prepare('waiting');
    this.#handlers.onProgress();
  }

  /** All of it has been said. */
  finish(): void {
    this.#released = false;
  }

  /** Forgets what is prepared; a tool that has begun goes on to its end. */
  cancel(): void {
    this.#forgetPrepared();
    this.#effect = undefined;
    this.#owesResult = false;
    this.#work.disown();
    this.#released = false;
    this.#failure = undefined;
  }

  /** From here on the turn belongs to the history: it has been answered audibly, or acted on. */
  commitCallerTurn(): void {
    this.#speculation.turnEnded();
    this.#asked.commit();
  }

  #forgetPrepared(): void {
    this.#reply?.cancel();
    this.#reply = undefined;
    for (const speech of this.#waiting) this.#discard(speech);
    this.#toolCall = undefined;
    this.#speculation.dropped();
  }

  #request(ofResult: boolean): EngineRequest {
    const { conversation, tools, note, temperature, maxTokens } = this.#options;
    if (!ofResult) this.#rounds = 0;
    const pending = ofResult ? {} : this.#asked.ask(this.#released);
    const offered = this.#rounds < MAX_ROUNDS ? tools.descriptions : [];
    const messages = conversation.request({ ...pending, note: note() });
    return { messages, tools: offered, temperature, maxTokens };
  }

  #replyEnded(speech: Speech, ofResult: boolean, error: Error | undefined): void {
    this.#reply = undefined;
    if (error) this.#options.onFailure(error);
    if (error) speech.cutShort();
    else speech.complete();
    // A reply that failed while the caller may still go on is asked for again when needed.
    if (error && !this.#released && !this.#toolCall) this.#forgetPrepared();
    else if (!speech.hasAudio) this.#discard(speech);
    if (this.#toolCall || this.#owesResult) this.#speakOfResult();
    else if (this.#effect) this.#handlers.onProgress();
    else if (error) this.#failed(error, speech, ofResult);
  }

  #discard(speech: Speech): void {
    this.#waiting = this.#waiting.filter((each) => each !== speech);
    this.#history.drop(speech);
  }

  #failed(error: Error, speech: Speech, ofResult: boolean): void {
    this.#failure = error;
    if (speech.hasAudio || this.#handlers.isSpeaking() || !this.#released) return;
    if (this.#mayRetry(error)) this.prepare('waiting', ofResult);
    else this.#handlers.onFailed();
  }

  /** Once a turn, and only for what may be different the next time. */
  #mayRetry(error: Error): boolean {
    const retry = !this.#retried && error instanceof EngineError && error.retryable;
    this.#retried ||= retry;
    return retry;
  }

  #wantTool(call: ToolCall): void {
    if (this.#rounds >= MAX_ROUNDS) {
      throw new ReplyError(`expected words after ${MAX_ROUNDS} tools, got another tool`);
    }
    this.#toolCall = call;
    if (this.#released) this.#beginTool(call);
  }

  #beginTool(call: ToolCall): void {
    this.#toolCall = undefined;
    this.commitCallerTurn();
    this.#rounds += 1;
    this.#owesResult = true;
    const hasWords = this.#waiting.some(({ hasAudio }) => hasAudio);
    if (!hasWords && !this.#handlers.isSpeaking()) this.#handlers.onToolBegan();
    this.#work.begin(call, {
      onResult: () => {
        this.#handlers.onToolResult();
        for (const speech of this.#waiting) this.#history.hold(speech);
      },
      onEnded: (effect) => this.#toolEnded(effect),
    });
  }

  #toolEnded(effect: DeskEffect | undefined): void {
    if (effect && effect.type !== 'speakLanguage') {
      this.#owesResult = false;
      this.#effect = effect;
      this.#handlers.onProgress();
      return;
    }
    if (effect) this.#language = effect.language;
    this.#handlers.onToolEnded();
    this.#speakOfResult();
  }

  /** Once the tool has answered, and all sound of the words before it is there. */
  #speakOfResult(): void {
    if (!this.#owesResult || this.#work.isBusy || this.#reply) return;
    this.#owesResult = false;
    this.prepare('waiting', true);
  }
}

/** A model that calls tools without an end would keep the caller waiting for ever. */
const MAX_ROUNDS = 4;
