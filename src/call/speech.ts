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
    this.#audio.push(event.mulaw);
    this.#writtenBytes += event.mulaw.length;
    if (this.#playing) this.#playback.write(event.mulaw);
  }

  /** Nothing more will be appended. */
  complete(): void {
    if (this.#complete) return;
    this.#complete = true;
    if (this.#playing) this.#playback.end();
  }

  /** Plays from the beginning or from where it was stopped. Only one speech plays at a time. */
  play(handlers: { onAudible?(): void; onFinished(): void }): void {
    this.#playing = true;
    this.#playback.begin({
      onFirstByte: () => handlers.onAudible?.(),
      onFinished: () => {
        this.#playing = false;
        this.#heardAll = true;
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
    this.#heardMs = this.#startMs + this.#playback.clear();
    this.#startMs = this.#beginningOfWordAt(this.#heardMs);
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

  #beginningOfWordAt(positionMs: number): number {
    const cut = this.#words.find((w) => w.startMs <= positionMs && positionMs < w.endMs);
    return Math.max(0, Math.floor(cut?.startMs ?? positionMs));
  }

  /** Without word times: as many whole words as the audio's own pace says. */
  #heardTextByPace(): string {
    const totalMs = this.#writtenBytes / BYTES_PER_MS;
    if (totalMs === 0) return '';
    const words = this.#text.trim().split(/\s+/);
    return words.slice(0, Math.floor((words.length * this.#heardMs) / totalMs)).join(' ');
  }
}
