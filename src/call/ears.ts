import { BYTES_PER_MS, decodeMulaw } from '../audio/mulaw.ts';
import { EchoGuard } from '../turns/echo-guard.ts';
import { expectationOf } from '../turns/expectation.ts';
import { LostSound } from '../turns/lost-sound.ts';
import { roundWindow } from '../turns/packed-windows.ts';
import type { TurnModel } from '../turns/turn-model.ts';
import {
  type Expectation,
  type TurnEvent,
  type TurnMode,
  TurnPolicy,
} from '../turns/turn-policy.ts';
import { UtteranceRecorder } from '../turns/utterance-recorder.ts';
import type { SpeechWindow, VoiceActivity, VoiceActivityStream } from '../turns/voice-activity.ts';
import type { EarsTrace } from './ears-trace.ts';
import { Keypad } from './keypad.ts';
import { Presence, type PresenceEvent } from './presence.ts';

/** What the ears tell, with the moment (performance.now()) at which the caller's last sample came in. */
export type EarsEvent =
  | { type: 'spoke'; onsetAt: number }
  | { type: 'paused' }
  | { type: 'resumed' }
  /** `heardAt`: when the sound came in by which it was judged; undefined: by a key. */
  | { type: 'finished'; speechEndAt: number; reason: string; heardAt?: number }
  | { type: 'interrupted' }
  | { type: 'ignored' }
  /** The key 0, where it is not part of a number. */
  | { type: 'askedForPerson' }
  | PresenceEvent;

export interface EarsOptions {
  /** We have called. */
  outbound?: boolean;
  turnModel?: TurnModel | undefined;
}

/**
 * The caller's side of a call: voice activity and turn policy over the incoming audio, and the
 * recording of the turn in progress. Speech is judged whether or not anybody attends to it; only
 * what is told depends on that.
 */
export class Ears {
  /** Is to be told what we play. */
  readonly echo = new EchoGuard((samples) => this.#activity.push(samples));
  readonly #activity: VoiceActivityStream;
  readonly #policy = new TurnPolicy();
  readonly #recorder = new UtteranceRecorder();
  readonly #tell: (event: EarsEvent) => void;
  readonly #trace: EarsTrace | undefined;
  readonly #turnModel: TurnModel | undefined;
  /** Counts the pauses, and what ends them: an answer to an earlier one is void. */
  #pause = 0;
  readonly #lost = new LostSound();
  readonly #presence: Presence;
  /** Judged, but not traced yet. */
  #windows: SpeechWindow[] = [];
  #mode: TurnMode = 'listening';
  #expecting: Expectation = 'open';
  #attentive = false;
  /** Of the frame that came last. */
  #samples = new Int16Array();
  #receivedMs = 0;
  /** performance.now() of when it came. */
  #receivedAt = 0;
  /** Up to where it has been judged. */
  #judgedMs = 0;
  /** At the end of what was received. */
  #missedMs = 0;
  /** Where the turn in progress was judged finished; it may still be continued. */
  #finishedMs: number | undefined;
  readonly #keypad = new Keypad(() => this.#finishDigits());
  /** The agent asked for a number, or may have: that can begin with 0. */
  #expectsNumber = false;

  constructor(
    activity: VoiceActivity,
    tell: (event: EarsEvent) => void,
    onFailure: (error: Error) => void,
    trace?: EarsTrace,
    { outbound = false, turnModel }: EarsOptions = {},
  ) {
    this.#tell = tell;
    this.#turnModel = turnModel;
    this.#trace = trace;
    this.#presence = new Presence({ outbound, turn: this.#recorder, tell });
    this.#activity = activity.open((window) => this.#judge(window), onFailure);
  }

  /** The caller's audio, in order and without gaps. */
  hear(mulaw: Uint8Array): void {
    this.#missedMs = 0;
    this.#presence.hear(this.#receive(mulaw));
  }

  /**
   * The network lost what the caller said here; what is given stands for it. It is heard, so that time
   * stays true, but judged neither as sound nor as silence. Of more than a second in a row the rest is
   * left out: voice activity could not follow.
   */
  miss(mulaw: Uint8Array): void {
    const durationMs = mulaw.length / BYTES_PER_MS;
    if (this.#missedMs + durationMs > MISSED_LIMIT_MS) {
      this.echo.skip(mulaw.length);
      return;
    }
    this.#missedMs += durationMs;
    this.#lost.add(this.#receivedMs, this.#receivedMs + durationMs);
    this.#receive(mulaw);
  }

  #receive(mulaw: Uint8Array): Int16Array {
    this.#receivedMs += mulaw.length / BYTES_PER_MS;
    this.#receivedAt = performance.now();
    this.#recorder.push(mulaw);
    if (this.#samples.length !== mulaw.length) this.#samples = new Int16Array(mulaw.length);
    const samples = decodeMulaw(mulaw, this.#samples);
    this.echo.hear(samples);
    return samples;
  }

  /** @param lastWords What the agent said last: it decides how much silence ends an answer. */
  attend(mode: TurnMode, lastWords: string, language = 'en'): void {
    this.#traceWindows();
    this.#mode = mode;
    this.#attentive = true;
    if (mode === 'speaking') this.#keypad.age();
    const isEnglish = language.startsWith('en');
    const expectation = isEnglish ? expectationOf(lastWords) : 'open';
    this.#expectsNumber = expectation === 'number' || !isEnglish;
    this.#expecting = expectation;
    this.#policy.attend(mode, expectation);
    this.#presence.attend(mode);
  }

  rest(): void {
    this.#traceWindows();
    this.#attentive = false;
  }

  /** A key takes part in a turn as speech does: it interrupts, and a pause or # ends the entry. */
  press(digit: string): void {
    if (digit === PERSON_KEY && !this.#keypad.isEntering && !this.#expectsNumber) {
      this.#trace?.onKey();
      this.#tell({ type: 'askedForPerson' });
    } else if (this.#attentive) this.#enter(digit);
  }

  #enter(digit: string): void {
    if (!this.#keypad.begin(digit)) return;
    this.#trace?.onKey();
    // With every key, as an answer to what came before may be on its way: it must not go out.
    this.#tell({ type: 'spoke', onsetAt: performance.now() });
    if (this.#mode === 'interrupted') this.#tell({ type: 'interrupted' });
    this.#keypad.add(digit, this.#expecting === 'number');
  }

  /** The turn in progress, pre-roll included; empty when there is none. */
  turnAudio(): Uint8Array {
    return this.#recorder.audio();
  }

  /** Keys pressed in the turn in progress. */
  get turnDigits(): string {
    return this.#keypad.digits;
  }

  /** The turn has been answered: the next one starts with nothing. */
  forgetTurn(): void {
    this.#recorder.discard();
    this.#finishedMs = undefined;
    this.#keypad.forget();
  }

  close(): void {
    this.#traceWindows();
    this.#keypad.stop();
    this.#attentive = false;
    this.#activity.close();
  }

  #judge(heard: SpeechWindow): void {
    // As the records hold it, so that a call can be judged again from them.
    const window = roundWindow(this.#withKind({ ...heard, echo: this.echo.echoAt(heard.endMs) }));
    this.#judgedMs = window.endMs;
    if (this.#trace) this.#windows.push(window);
    const events = this.#policy.push(window);
    const reason = events.find((event) => event.type === 'finished')?.reason;
    if (events.length > 0 || this.#windows.length >= MAX_WINDOWS) this.#traceWindows(reason);
    for (const event of events) this.#report(event);
  }

  #withKind(window: SpeechWindow): SpeechWindow {
    if (this.#lost.takes(window.endMs)) return { ...window, kind: 'lost' };
    const kind = this.#presence.kindOf(window);
    return kind ? { ...window, kind } : window;
  }

  #traceWindows(reason?: string): void {
    if (this.#windows.length === 0) return;
    this.#trace?.onWindows(this.#windows, this.#mode, this.#expecting, reason);
    this.#windows = [];
  }

  #report(event: TurnEvent): void {
    if (event.type === 'spoke' || event.type === 'resumed') this.#recorder.begin(event.onsetMs);
    this.#pause += 1;
    // In a pause the next windows say whether the turn is over.
    this.#activity.hurry(event.type === 'paused');
    if (event.type === 'paused') {
      this.#recorder.end(event.speechEndMs);
      void this.#askTurnModel();
    }
    if (event.type === 'finished') this.#finishTurn(event.speechEndMs);
    this.#presence.judged(event);
    if (event.type === 'ignored') this.#forgetNoise();
    if (!this.#attentive) return;
    // A noise between two keys does not end the turn.
    if (event.type === 'ignored' && this.#keypad.isEntering) return;
    this.#tell(this.#toldAs(event));
    this.#presence.conclude();
  }

  /** The answer counts while the pause lasts; the turn waits for it no longer than it would without. */
  async #askTurnModel(): Promise<void> {
    if (!this.#turnModel || !this.#attentive) return;
    const pause = this.#pause;
    const complete = await this.#turnModel.judge(decodeMulaw(this.#recorder.audio()));
    if (complete === undefined || pause !== this.#pause) return;
    this.#traceWindows();
    // As the records hold it.
    const believed = Math.round(complete * 100) / 100;
    this.#trace?.onBelief(believed);
    this.#policy.believe(believed);
  }

  /** Positions in the stream become moments. */
  #toldAs(event: TurnEvent): EarsEvent {
    switch (event.type) {
      case 'spoke':
        return { type: 'spoke', onsetAt: this.#arrivalOf(event.onsetMs) };
      case 'finished': {
        const speechEndAt = this.#arrivalOf(event.speechEndMs);
        return { type: 'finished', speechEndAt, reason: event.reason, heardAt: this.#heardAt };
      }
      default:
        return { type: event.type };
    }
  }

  #finishTurn(speechEndMs: number): void {
    this.#finishedMs = speechEndMs;
    this.#recorder.end(speechEndMs);
  }

  /** A cough after a finished turn leaves that turn as it was. */
  #forgetNoise(): void {
    if (this.#finishedMs === undefined) this.#recorder.discard();
    else this.#recorder.end(this.#finishedMs);
  }

  #finishDigits(): void {
    if (!this.#attentive) return;
    this.#trace?.onKey();
    // Nothing followed it: that is no number.
    if (this.#keypad.digits === PERSON_KEY) this.#tell({ type: 'askedForPerson' });
    else this.#tell({ type: 'finished', speechEndAt: performance.now(), reason: 'keypad' });
  }

  /** When the sample at this position of the stream came in; frames come at the pace of speech. */
  #arrivalOf(positionMs: number): number {
    return this.#receivedAt - (this.#receivedMs - positionMs);
  }

  /** When the frame came in that completed what is being judged. */
  get #heardAt(): number {
    const framesSince = Math.floor((this.#receivedMs - this.#judgedMs) / FRAME_MS);
    return this.#receivedAt - framesSince * FRAME_MS;
  }
}

/** In one piece of the trace: 5 s. */
const MAX_WINDOWS = 156;
/** Of Twilio's. */
const FRAME_MS = 20;
/** A second: what voice activity can take in at once. */
const MISSED_LIMIT_MS = 1000;
const PERSON_KEY = '0';
