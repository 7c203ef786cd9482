/** A telephone in virtual time: plays what playback sends, and returns marks when they are heard. */
import { Playback } from '../../src/twilio/playback.ts';

interface Piece {
  startMs: number;
  mulaw: Buffer;
}

interface Message {
  event: string;
  media?: { payload: string };
  mark?: { name: string };
}

const BYTES_PER_MS = 8;

export class VirtualEar {
  readonly playback: Playback;
  /** What was sent, by its event, in order. */
  readonly sent: string[] = [];
  readonly #pieces: Piece[] = [];
  #marks: string[] = [];
  #runsOutMs = 0;
  /** While the line is stalled: what has not arrived. */
  #stalled: Message[] | undefined;

  constructor() {
    this.playback = new Playback((text) => {
      const message: Message = JSON.parse(text);
      this.sent.push(message.event);
      if (this.#stalled) this.#stalled.push(message);
      else this.#take(message);
    }, 'MZ1');
  }

  /** What is sent from now on arrives when the line goes on. */
  stall(): void {
    this.#stalled ??= [];
  }

  goOn(): void {
    const stalled = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const message of stalled) this.#take(message);
  }

  /** The bytes that have been heard up to now. */
  get heard(): Buffer {
    const nowMs = performance.now();
    return Buffer.concat(
      this.#pieces.map(({ startMs, mulaw }) =>
        mulaw.subarray(0, Math.max(0, Math.floor((nowMs - startMs) * BYTES_PER_MS))),
      ),
    );
  }

  #take(message: Message): void {
    if (message.media) this.#play(Buffer.from(message.media.payload, 'base64'));
    if (message.mark) this.#await(message.mark.name);
    if (message.event === 'clear') this.#clear();
  }

  #play(mulaw: Buffer): void {
    const startMs = Math.max(performance.now(), this.#runsOutMs);
    this.#pieces.push({ startMs, mulaw });
    this.#runsOutMs = startMs + mulaw.length / BYTES_PER_MS;
  }

  #await(name: string): void {
    this.#marks.push(name);
    setTimeout(() => this.#echo(name), Math.max(0, this.#runsOutMs - performance.now()));
  }

  #echo(name: string): void {
    if (!this.#marks.includes(name)) return;
    this.#marks = this.#marks.filter((mark) => mark !== name);
    this.playback.markEchoed(name);
  }

  /** Sound that waits is gone, and its marks come back at once, as Twilio does it. */
  #clear(): void {
    const nowMs = performance.now();
    for (const piece of this.#pieces) {
      const keptMs = Math.max(0, nowMs - piece.startMs);
      piece.mulaw = piece.mulaw.subarray(0, Math.floor(keptMs * BYTES_PER_MS));
    }
    this.#runsOutMs = nowMs;
    for (const name of this.#marks) setTimeout(() => this.#echo(name), 1);
  }
}
