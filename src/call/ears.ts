import { BYTES_PER_MS, decodeMulaw } from '../audio/mulaw.ts';
import { expectationOf } from '../turns/expectation.ts';
import { roundWindow } from '../turns/packed-windows.ts';
import {
  type Expectation,
  type TurnEvent,
  type TurnMode,
  TurnPolicy,
} from '../turns/turn-policy.ts';
import { UtteranceRecorder } from '../turns/utterance-recorder.ts';
import type { SpeechWindow, VoiceActivity, VoiceActivityStream } from '../turns/voice-activity.ts';

/** What the ears tell, with the moment (performance.now()) at which the caller's last sample came in. */
export type EarsEvent =
  | { type: 'spoke'; onsetAt: number }
  | { type: 'paused' }
  | { type: 'resumed' }
  | { type: 'finished'; speechEndAt: number; reason: string }
  | { type: 'interrupted' }
  | { type: 'ignored' }
  /** The key 0, where it is not part of a number. */
  | { type: 'askedForPerson' };

/** What the ears have judged, for the records. */
export interface EarsTrace {
  /** In order and without gaps, all under the same mode; before what they caused is told. */
  onWindows(windows: readonly SpeechWindow[], mode: TurnMode, expecting: Expectation): void;
  /** A key, and not a sound, is the cause of what is told next. */
  onKey(): void;
}

/** After a key, this much silence ends the entry. A person looks up a number digit by digit. */
const KEYPAD_PAUSE_MS = 2000;

/**
 * The caller's side of a call: voice activity and turn policy over the incoming audio, and the
 * recording of the turn in progress. Speech is judged whether or not anybody attends to it; only
 * what is told depends on that.
 */
export class Ears {
  readonly #activity: VoiceActivityStream;
  readonly #policy = new TurnPolicy();
  readonly #recorder = new UtteranceRecorder();
  readonly #tell: (event: EarsEvent) => void;
  readonly #trace: EarsTrace | undefined;
  /** Judged, but not traced yet. */
  #windows: SpeechWindow[] = [];
  #mode: TurnMode = 'listening';
  #expecting: Expectation = 'open';
  #attentive = false;
  #receivedMs = 0;
  /** Where the turn in progress was judged finished; it may still be continued. */
  #finishedMs: number | undefined;
  #digits = '';
  /** The agent asked for a number, or may have: that can begin with 0. */
  #expectsNumber = false;
  /** More keys may follow. */
  #entering = false;
  /** The agent has spoken since the last key: the next one begins another entry. */
  #entryIsOld = false;
  #keypadTimer: NodeJS.Timeout | undefined;

  constructor(
    activity: VoiceActivity,
    tell: (event: EarsEvent) => void,
    onFailure: (error: Error) => void,
    trace?: EarsTrace,
  ) {
    this.#tell = tell;
    this.#trace = trace;
    this.#activity = activity.open((window) => this.#judge(window), onFailure);
  }

  /** The caller's audio, in order and without gaps. */
  hear(mulaw: Uint8Array): void {
    this.#receivedMs += mulaw.length / BYTES_PER_MS;
    this.#recorder.push(mulaw);
    this.#activity.push(decodeMulaw(mulaw));
  }

  /** @param lastWords What the agent said last: it decides how much silence ends an answer. */
  attend(mode: TurnMode, lastWords: string, language = 'en'): void {
    this.#traceWindows();
    this.#mode = mode;
    this.#attentive = true;
    if (mode === 'speaking') this.#entryIsOld = true;
    const isEnglish = language.startsWith('en');
    const expectation = isEnglish ? expectationOf(lastWords) : 'open';
    this.#expectsNumber = expectation === 'number' || !isEnglish;
    this.#expecting = expectation;
    this.#policy.attend(mode, expectation);
  }

  rest(): void {
    this.#traceWindows();
    this.#attentive = false;
  }

  /** A key takes part in a turn as speech does: it interrupts, and a pause or # ends the entry. */
  press(digit: string): void {
    if (digit === PERSON_KEY && !this.#entering && !this.#expectsNumber) {
      this.#trace?.onKey();
      this.#tell({ type: 'askedForPerson' });
    } else if (this.#attentive) this.#enter(digit);
  }

  #enter(digit: string): void {
    const ends = digit === '#';
    if (ends && !this.#entering) return;
    if (this.#entryIsOld && !this.#entering) this.#digits = '';
    this.#entering = true;
    this.#entryIsOld = false;
    this.#trace?.onKey();
    // With every key, as an answer to what came before may be on its way: it must not go out.
    this.#tell({ type: 'spoke', onsetAt: performance.now() });
    if (this.#mode === 'interrupted') this.#tell({ type: 'interrupted' });
    if (!ends) this.#digits = (this.#digits + digit).slice(0, MAX_DIGITS);
    clearTimeout(this.#keypadTimer);
    if (ends) this.#finishDigits();
    else this.#keypadTimer = setTimeout(() => this.#finishDigits(), KEYPAD_PAUSE_MS);
  }

  /** The turn in progress, pre-roll included; empty when there is none. */
  turnAudio(): Uint8Array {
    return this.#recorder.audio();
  }

  /** Keys pressed in the turn in progress. */
  get turnDigits(): string {
    return this.#digits;
  }

  /** The turn has been answered: the next one starts with nothing. */
  forgetTurn(): void {
    this.#recorder.discard();
    this.#finishedMs = undefined;
    this.#digits = '';
    this.#entering = false;
    clearTimeout(this.#keypadTimer);
  }

  close(): void {
    this.#traceWindows();
    clearTimeout(this.#keypadTimer);
    this.#attentive = false;
    this.#activity.close();
  }

  #judge(heard: SpeechWindow): void {
    // As the records hold it, so that a call can be judged again from them.
    const window = roundWindow(heard);
    if (this.#trace) this.#windows.push(window);
    const events = this.#policy.push(window);
    if (events.length > 0 || this.#windows.length >= MAX_WINDOWS) this.#traceWindows();
    for (const event of events) this.#report(event);
  }

  #traceWindows(): void {
    if (this.#windows.length === 0) return;
    this.#trace?.onWindows(this.#windows, this.#mode, this.#expecting);
    this.#windows = [];
  }

  #report(event: TurnEvent): void {
    if (event.type === 'spoke') this.#recorder.begin(event.onsetMs);
    if (event.type === 'finished') this.#finishTurn(event.speechEndMs);
    if (event.type === 'ignored') this.#forgetNoise();
    if (!this.#attentive) return;
    // A noise between two keys does not end the turn.
    if (event.type === 'ignored' && this.#entering) return;
    this.#tell(this.#toldAs(event));
  }

  /** Positions in the stream become moments. */
  #toldAs(event: TurnEvent): EarsEvent {
    switch (event.type) {
      case 'spoke':
        return { type: 'spoke', onsetAt: this.#arrivalOf(event.onsetMs) };
      case 'finished': {
        const speechEndAt = this.#arrivalOf(event.speechEndMs);
        return { type: 'finished', speechEndAt, reason: event.reason };
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
    clearTimeout(this.#keypadTimer);
    this.#entering = false;
    if (!this.#attentive) return;
    this.#trace?.onKey();
    // Nothing followed it: that is no number.
    if (this.#digits === PERSON_KEY) this.#tell({ type: 'askedForPerson' });
    else this.#tell({ type: 'finished', speechEndAt: performance.now(), reason: 'keypad' });
  }

  /** When the sample at this position of the stream came in; frames come at the pace of speech. */
  #arrivalOf(positionMs: number): number {
    return performance.now() - (this.#receivedMs - positionMs);
  }
}

/** In one piece of the trace: 5 s. */
const MAX_WINDOWS = 156;
const MAX_DIGITS = 32;
const PERSON_KEY = '0';
