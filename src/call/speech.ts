import { BYTES_PER_MS } from '../audio/mulaw.ts';
import type { Clip } from '../tts/clips.ts';
import type { VoiceEvent, Word } from '../tts/voice.ts';
import type { Playback } from '../twilio/playback.ts';

/**
 * Something that the agent says: audio and word times as the voice makes them, and how much of it
 * the caller has heard. It can be stopped anywhere and resumed at the word that was cut.
 */
export class Speech {
  readonly #playback: Playback;
  #audio: Uint8Array[] = [];
  #writtenBytes = 0;
  #words: Word[] = [];
  #text = '';
  #complete = false;
  /** All of the text became sound. */
  #whole = false;
  #playing = false;
  #startMs = 0;
  #heardMs = 0;
  #heardAll = false;

  constructor(playback: Playback) {
    this.#playback = playback;
  }

  static ofClip(playback: Playback, clip: Clip): Speech {
    const speech = new Speech(playback);
    speech.#text = clip.text;
    speech.append({ type: 'audio', mulaw: clip.mulaw });
    speech.append({ type: 'words', words: clip.words });
    speech.complete();
    return speech;
  }

  get hasAudio(): boolean {
    return this.#writtenBytes > 0;
  }

  get text(): string {
    return this.#text;
  }

  /** The words behind audio that is still to come; kept for when the voice gives no word times. */
  addText(piece: string): void {
    this.#text += piece;
  }

  append(event: VoiceEvent): void {
    if (event.type === 'words') {
      this.#words.push(...event.words);
      return;
    }
    const mulaw = event.mulaw.subarray(0, LONGEST_BYTES - this.#writtenBytes);
    this.#audio.push(mulaw);
    this.#writtenBytes += mulaw.length;
    if (this.#playing) this.#playback.write(mulaw);
  }

  /** Nothing more will be appended: all of the text has become sound. */
  complete(): void {
    this.#whole ||= !this.#complete;
    this.cutShort();
  }

  /** Nothing more will be appended, and there may be text that never became sound. */
  cutShort(): void {
    if (this.#complete) return;
    this.#complete = true;
    if (this.#playing) this.#playback.end();
  }

  /** Plays from the beginning or from where it was stopped. Only one speech plays at a time. */
  play(handlers: { onAudible?(): void; onHeard?(): void; onFinished(): void }): void {
    this.#playing = true;
    this.#playback.begin({
      onFirstByte: () => handlers.onAudible?.(),
      onHeard: () => {
        this.#noteHeard();
        handlers.onHeard?.();
      },
      onFinished: () => {
        this.#playing = false;
        this.#noteHeard();
        handlers.onFinished();
      },
    });
    const rest = Buffer.concat(this.#audio).subarray(Math.round(this.#startMs) * BYTES_PER_MS);
    if (rest.length > 0) this.#playback.write(rest);
    if (this.#complete) this.#playback.end();
  }

  /** Stops the sound at once and remembers the place. */
  stop(): void {
    if (!this.#playing) return;
    this.#playing = false;
    const stoppedMs = this.#startMs + this.#playback.clear();
    // Resumed at the beginning of a word and stopped at once: that word has still been heard.
    this.#heardMs = Math.max(this.#heardMs, stoppedMs);
    this.#startMs = this.#beginningOfWordAt(stoppedMs);
  }

  /** What the caller has heard, to within a word. */
  heardText(): string {
    if (this.#heardAll) return this.#text.trim();
    if (this.#words.length === 0) return this.#heardTextByPace();
    return this.#words
      .filter((word) => (word.startMs + word.endMs) / 2 <= this.#heardMs)
      .map((word) => word.text)
      .join(' ');
  }

  /** What was to come after that, as far as it is known; to within a word as well. */
  cutText(): string {
    if (this.#heardAll) return '';
    const heard = this.heardText().split(/\s+/).filter(Boolean).length;
    return this.#text.trim().split(/\s+/).slice(heard).join(' ');
  }

  /** A peer that used to return marks and does no more has not played what came after the last. */
  #noteHeard(): void {
    this.#heardMs = Math.max(this.#heardMs, this.#startMs + this.#playback.heardMs);
    const isOver = this.#complete && this.#heardMs >= Math.floor(this.#writtenMs);
    this.#heardAll ||= isOver && this.#whole;
  }

  #beginningOfWordAt(positionMs: number): number {
    const cut = this.#words.find((w) => w.startMs <= positionMs && positionMs < w.endMs);
    return Math.max(0, Math.floor(cut?.startMs ?? positionMs));
  }

  get #writtenMs(): number {
    return this.#writtenBytes / BYTES_PER_MS;
  }

  /** Without word times: as many whole words as the pace of the audio says. */
  #heardTextByPace(): string {
    const text = this.#text.trim();
    // Of a text that is not all sound yet, the length is not known: it is taken at the usual pace.
    const usualMs = this.#whole ? 0 : text.length * USUAL_MS_PER_CHARACTER;
    const totalMs = Math.max(this.#writtenMs, usualMs);
    if (totalMs === 0) return '';
    const words = text.split(/\s+/);
    return words.slice(0, Math.floor((words.length * this.#heardMs) / totalMs)).join(' ');
  }
}

/** As much as playback can hold at once, and the longest that the agent may speak: 120 s. */
const LONGEST_BYTES = 120_000 * BYTES_PER_MS;
/** English at about 165 words a minute, six characters to a word with its space. */
const USUAL_MS_PER_CHARACTER = 60;
