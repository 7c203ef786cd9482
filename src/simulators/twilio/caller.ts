/** The person on the telephone: what a script can make them do, and what they can hear. */
import type { TimelineEntry } from './call-report.ts';
import { FRAME_MS } from './frame-clock.ts';

export interface Caller {
  /**
   * Speaks, after what was said before. Times are `performance.now()` when the first and the last
   * frame with this speech were written to the socket; resolves with the last.
   */
  say(mulaw: Uint8Array): Promise<{ firstSampleAt: number; lastSampleAt: number }>;
  /** Is silent for so many frames of the call's own clock. */
  pause(ms: number): Promise<void>;
  /** Waits for the next sound of the agent's; resolves with the time at which it was played. */
  agentSpeaking(withinMs?: number): Promise<number>;
  /** Waits until nothing was played for so long; resolves with the time when that began. */
  agentSilent(forMs?: number, withinMs?: number): Promise<number>;
  /** Waits for the agent's side to end the call. */
  hungUp(withinMs?: number): Promise<void>;
  press(digit: string): Promise<void>;
  /** Resolves when the line is down. */
  hangUp(): Promise<void>;
  /** Breaks the stream's connection without a word; the call itself goes on. */
  drop(): void;
  /** The telephone network loses so much of what comes next; nothing is sent in its place. */
  lose(ms: number): void;
  /** Sends a raw message into the stream, as only a broken or foreign peer would. */
  inject(message: string | Uint8Array): void;
  /** True while a stream carries this caller's voice. */
  readonly connected: boolean;
  /** Sound of the agent's that was played, in all. */
  readonly heardMs: number;
}

/** Something that a script waited for did not happen. */
export class CallerError extends Error {
  override name = 'CallerError';
  readonly kind: 'timeout' | 'callEnded';

  constructor(kind: 'timeout' | 'callEnded', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The line that a caller holds. */
export interface Line {
  readonly connected: boolean;
  press(digit: string): void;
  /** Resolves when the line is down. */
  hangUp(): Promise<void>;
  drop(): void;
  lose(ms: number): void;
  inject(message: string | Uint8Array): void;
  record(entry: Omit<TimelineEntry, 'trackMs'>): void;
}

interface Utterance {
  mulaw: Uint8Array;
  at: number;
  firstSampleAt: number;
  resolve(times: { firstSampleAt: number; lastSampleAt: number }): void;
  reject(error: CallerError): void;
}

interface Wait {
  /** Defined when it is over. */
  poll(nowMs: number): number | undefined;
  deadlineMs: number;
  what: string;
  resolve(value: number): void;
  reject(error: CallerError): void;
}

/** Moved by the call's clock: `nextFrame`, then `frameLeft`, every 20 ms. */
export class ScriptedCaller implements Caller {
  readonly #line: Line;
  #utterances: Utterance[] = [];
  readonly #waits = new Set<Wait>();
  #frames = 0;
  #heardBytes = 0;
  /** Whether the last frame had any of the agent's sound, and since when not. */
  #isAudible = false;
  #silentSinceMs = performance.now();
  #ended = false;

  constructor(line: Line) {
    this.#line = line;
  }

  get connected(): boolean {
    return this.#line.connected;
  }

  get heardMs(): number {
    return this.#heardBytes / BYTES_PER_MS;
  }

  say(mulaw: Uint8Array): Promise<{ firstSampleAt: number; lastSampleAt: number }> {
    if (this.#ended) return Promise.reject(callEnded('to speak'));
    if (mulaw.length === 0) return Promise.reject(new RangeError('expected speech, got no bytes'));
    return new Promise((resolve, reject) => {
      this.#utterances.push({ mulaw, at: 0, firstSampleAt: 0, resolve, reject });
    });
  }

  async pause(ms: number): Promise<void> {
    const until = this.#frames + Math.ceil(ms / FRAME_MS);
    await this.#until('the end of a pause', ms * 2 + 60_000, (nowMs) =>
      this.#frames >= until ? nowMs : undefined,
    );
  }

  agentSpeaking(withinMs = 15_000): Promise<number> {
    return this.#until('to hear the agent', withinMs, (nowMs) =>
      this.#isAudible ? nowMs : undefined,
    );
  }

  agentSilent(forMs = 300, withinMs = 60_000): Promise<number> {
    return this.#until('the agent to be silent', withinMs, (nowMs) => {
      const silentMs = nowMs - this.#silentSinceMs;
      return !this.#isAudible && silentMs >= forMs ? this.#silentSinceMs : undefined;
    });
  }

  async hungUp(withinMs = 30_000): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#until('the call to end', withinMs, () => undefined);
    } catch (error) {
      if (!(error instanceof CallerError) || error.kind !== 'callEnded') throw error;
    }
  }

  async press(digit: string): Promise<void> {
    if (this.#ended) throw callEnded('to press a key');
    this.#line.press(digit);
    this.#line.record({ atMs: performance.now(), type: 'pressed', name: digit });
  }

  hangUp(): Promise<void> {
    return this.#line.hangUp();
  }

  drop(): void {
    this.#line.drop();
  }

  lose(ms: number): void {
    this.#line.lose(ms);
  }

  inject(message: string | Uint8Array): void {
    this.#line.inject(message);
  }

  /** The frame to send now; undefined for silence. */
  nextFrame(): Uint8Array | undefined {
    const utterance = this.#utterances[0];
    if (!utterance) return undefined;
    const part = utterance.mulaw.subarray(utterance.at, utterance.at + FRAME_BYTES);
    if (part.length === FRAME_BYTES) return part;
    const padded = new Uint8Array(FRAME_BYTES).fill(0xff);
    padded.set(part);
    return padded;
  }

  /** That frame was written at `nowMs`, and so many of the agent's bytes were played. */
  frameLeft(nowMs: number, playedBytes: number): void {
    this.#frames++;
    this.#hear(nowMs, playedBytes);
    this.#advance(nowMs);
    for (const wait of this.#waits) {
      const value = wait.poll(nowMs);
      if (value === undefined && nowMs < wait.deadlineMs) continue;
      this.#waits.delete(wait);
      if (value !== undefined) wait.resolve(value);
      else wait.reject(new CallerError('timeout', `expected ${wait.what}, waited in vain`));
    }
  }

  /** The line is down. */
  end(): void {
    this.#ended = true;
    for (const wait of this.#waits) wait.reject(callEnded(wait.what));
    this.#waits.clear();
    for (const utterance of this.#utterances) utterance.reject(callEnded('to finish speaking'));
    this.#utterances = [];
  }

  #hear(nowMs: number, playedBytes: number): void {
    this.#heardBytes += playedBytes;
    if (this.#isAudible === playedBytes > 0) return;
    this.#isAudible = playedBytes > 0;
    if (!this.#isAudible) this.#silentSinceMs = nowMs;
    this.#line.record({ atMs: nowMs, type: this.#isAudible ? 'agentAudible' : 'agentQuiet' });
  }

  #advance(nowMs: number): void {
    const utterance = this.#utterances[0];
    if (!utterance) return;
    if (utterance.at === 0) utterance.firstSampleAt = nowMs;
    utterance.at += FRAME_BYTES;
    if (utterance.at < utterance.mulaw.length) return;
    this.#utterances.shift();
    const { firstSampleAt, mulaw } = utterance;
    const tookMs = nowMs - firstSampleAt;
    this.#line.record({ atMs: firstSampleAt, type: 'said', bytes: mulaw.length, tookMs });
    utterance.resolve({ firstSampleAt, lastSampleAt: nowMs });
  }

  #until(what: string, withinMs: number, poll: Wait['poll']): Promise<number> {
    if (this.#ended) return Promise.reject(callEnded(what));
    return new Promise((resolve, reject) => {
      this.#waits.add({ poll, deadlineMs: performance.now() + withinMs, what, resolve, reject });
    });
  }
}

const FRAME_BYTES = 160;
const BYTES_PER_MS = 8;

function callEnded(what: string): CallerError {
  return new CallerError('callEnded', `expected ${what}, but the call has ended`);
}
