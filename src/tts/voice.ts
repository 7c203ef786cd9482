/** What every voice is: text in while it is still being written, telephone audio and word times out. */

/** One spoken word. Times count from the first sample of this utterance's audio. */
export interface Word {
  text: string;
  startMs: number;
  endMs: number;
}

export type VoiceEvent =
  /** Mu-law at 8 kHz, of any length: 8 bytes are one millisecond. */
  | { type: 'audio'; mulaw: Uint8Array }
  /** Words in the order in which they are spoken; they may come before or after their audio. */
  | { type: 'words'; words: readonly Word[] };

export interface SpeakOptions {
  signal: AbortSignal;
  /** ISO 639-1. A voice that does not speak the language speaks in its own. */
  language?: string;
  /** Text goes out to whoever makes sound of it. Not told by every voice. */
  onAsked?(): void;
}

export interface Voice {
  readonly name: string;
  /**
   * Speaks one utterance. The text comes in pieces that carry their own spaces ("One moment, ",
   * "please."); the audio of a piece comes out without waiting for the next one. The iteration ends
   * when all is spoken. When the signal aborts, it throws the signal's reason, and no audio comes
   * after that; a consumer that stops iterating has the same effect.
   *
   * @throws {VoiceError}
   */
  speak(text: AsyncIterable<string>, options: SpeakOptions): AsyncIterable<VoiceEvent>;
  close(): Promise<void>;
}

/**
 * - `refused`: the voice does not accept us (key, model, voice id, or nobody answers).
 * - `limited`: all contexts of the plan are taken, and none came free in time.
 * - `stalled`: no audio within the time allowed.
 * - `lost`: the connection closed in the middle.
 * - `garbage`: the far side sent what is not its protocol.
 * - `failed`: the far side said that it failed.
 */
export type VoiceErrorKind = 'refused' | 'limited' | 'stalled' | 'lost' | 'garbage' | 'failed';

/** An utterance was not spoken to its end. The message never holds the text, nor a key. */
export class VoiceError extends Error {
  override name = 'VoiceError';
  readonly kind: VoiceErrorKind;

  constructor(kind: VoiceErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
