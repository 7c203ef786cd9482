import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { BYTES_PER_MS } from '../audio/mulaw.ts';
import { mulawHeader } from '../audio/wav.ts';
import { recordingPath } from '../journal/recordings.ts';
import { ByteQueue } from '../twilio/byte-queue.ts';
import { StereoRecording } from './stereo-recording.ts';

/**
 * @param directory Where calls are recorded; undefined: they are not.
 * @returns Nothing for a call whose id cannot be the name of a file.
 */
export function startRecording(
  directory: string | undefined,
  callSid: string,
  log: Pick<Logger, 'warn'>,
): CallRecording | undefined {
  const path = directory === undefined ? undefined : recordingPath(directory, callSid);
  return path === undefined ? undefined : new CallRecording({ path, log });
}

export interface CallRecordingOptions {
  /** Of a file that is not there yet; its directory is made. */
  path: string;
  log: Pick<Logger, 'warn'>;
  /** Sound beyond it is not kept. Default: ten minutes more than the longest call that can be set. */
  longestMs?: number;
}

/**
 * The sound of one call, written to a WAV file while it goes on. A call is never disturbed: nothing
 * here waits or throws, and when the disk fails or cannot follow, the recording ends with one line in
 * the log and what is on the disk stays.
 */
export class CallRecording {
  readonly #sound = new StereoRecording();
  readonly #backlog = new ByteQueue();
  readonly #log: Pick<Logger, 'warn'>;
  readonly #longestBytes: number;
  readonly #written: Promise<void>;
  #state: 'recording' | 'ended' | 'dropped' = 'recording';
  #bytes = 0;
  #wake = () => {};

  constructor({ path, log, longestMs = LONGEST_MS }: CallRecordingOptions) {
    this.#log = log;
    this.#longestBytes = (longestMs / 1000) * BYTES_PER_SECOND;
    this.#written = this.#write(path).catch((error) => this.#drop(error.code ?? error.name));
  }

  /** The caller's next sound: the clock of the recording. */
  heard(mulaw: Uint8Array): void {
    if (this.#state !== 'recording') return;
    const sound = this.#sound.heard(mulaw);
    this.#bytes += sound.length;
    this.#backlog.push(sound);
    if (this.#backlog.length > BACKLOG_LIMIT_BYTES) this.#drop('slowDisk');
    else if (this.#bytes > this.#longestBytes) this.#drop('tooLong');
    else if (this.#backlog.length >= WRITE_BYTES) this.#wake();
  }

  /** The agent's sound, as it goes to Twilio. Kept by reference. */
  sent(mulaw: Uint8Array): void {
    if (this.#state === 'recording') this.#sound.sent(mulaw);
  }

  cleared(): void {
    this.#sound.cleared();
  }

  /** Resolves when the file is complete, or after 5 s. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'recording') this.#state = 'ended';
    this.#wake();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#drop('slowDisk');
      resolve();
    }, CLOSE_LIMIT_MS);
    await Promise.race([this.#written, promise]);
    clearTimeout(timer);
  }

  /** One write at a time: what comes meanwhile is for the next. */
  async #write(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.appendFile(mulawHeader(CHANNELS, 0));
      let bytes = 0;
      for (let isLast = false; !isLast; ) {
        if (this.#state === 'recording') await this.#chunk();
        isLast = this.#state !== 'recording';
        const sound = this.#backlog.take(this.#backlog.length);
        await file.appendFile(sound);
        bytes += sound.length;
      }
      await complete(file, bytes);
    } finally {
      await file.close();
    }
  }

  /** Waits until there is enough for one write, or nothing more will come. */
  #chunk(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.#backlog.length >= WRITE_BYTES) resolve();
    return promise;
  }

  /** @param problem A limit of ours, or the code of the file system's error. */
  #drop(problem: string): void {
    if (this.#state === 'dropped') return;
    this.#state = 'dropped';
    this.#sound.cleared();
    this.#backlog.clear();
    this.#wake();
    this.#log.warn({ problem }, 'recording dropped');
  }
}

/** Until now the header said that the length is open. */
async function complete(file: FileHandle, bytes: number): Promise<void> {
  const header = mulawHeader(CHANNELS, bytes);
  await file.write(header, 0, header.length, 0);
}

const CHANNELS = 2;
const BYTES_PER_SECOND = CHANNELS * BYTES_PER_MS * 1000;
/** What is lost when the process dies: a second. */
const WRITE_BYTES = BYTES_PER_SECOND;
const BACKLOG_LIMIT_BYTES = 60 * BYTES_PER_SECOND;
const LONGEST_MS = 250 * 60_000;
const CLOSE_LIMIT_MS = 5000;
