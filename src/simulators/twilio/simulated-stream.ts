/** Twilio's side of one media stream: a socket, a playout buffer, and the rules of the protocol. */
import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import type { TimelineEntry } from './call-report.ts';
import { FRAME_MS } from './frame-clock.ts';
import { type MarkBehaviour, Playout } from './playout.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface StreamKnobs {
  markBehaviour: MarkBehaviour;
  /** Share of the caller's frames that the telephone network loses, 0 to 1. */
  dropFrames: number;
  /** Timestamp of the first frame; 90 to 180 when undefined. */
  firstTimestampMs: number | undefined;
  /** Whether sound that waits is still played when the server closes; Twilio does not say. */
  onServerClose: 'discard' | 'drain';
  closeCode: number;
}

/**
 * - `failed`: the upgrade was refused. `server`: the server closed. `stopped`, `dropped`: we did.
 * - `lost`: the connection broke without a close frame, as when the server's process is killed.
 */
export type StreamEnd = 'failed' | 'server' | 'lost' | 'stopped' | 'dropped';

export interface SimulatedStreamOptions extends StreamKnobs {
  /** Where to dial: `ws://` or `wss://`. */
  url: string;
  headers: Record<string, string>;
  streamSid: string;
  callSid: string;
  accountSid: string;
  customParameters: Record<string, string>;
  random: SeededRandom;
  onOpen(): void;
  onEvent(entry: Omit<TimelineEntry, 'trackMs'>): void;
  onViolation(text: string): void;
  onEnd(how: StreamEnd): void;
}

export class SimulatedStream {
  readonly #options: SimulatedStreamOptions;
  readonly #socket: WebSocket;
  readonly #playout: Playout;
  readonly #timestampOffsetMs: number;
  readonly #warned = new Set<string>();
  #state: 'opening' | 'open' | 'draining' | 'ended' = 'opening';
  #tcp: Socket | undefined;
  #sequenceNumber = 0;
  #chunk = 0;
  #frames = 0;
  /** Frames still to be lost. */
  #losing = 0;

  constructor(options: SimulatedStreamOptions) {
    this.#options = options;
    this.#playout = new Playout(options.markBehaviour);
    this.#timestampOffsetMs = options.firstTimestampMs ?? options.random.between(90, 180);
    this.#socket = new WebSocket(options.url, {
      headers: options.headers,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_LIMIT_MS,
    });
    this.#socket.on('upgrade', (response) => {
      this.#tcp = response.socket;
    });
    this.#socket.on('open', () => this.#start());
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // `close` follows every error.
    this.#socket.on('error', () => {});
    this.#socket.on('close', (code) => this.#onClose(code));
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Sends one frame of the caller's; `undefined` is silence. */
  send(frame: Uint8Array | undefined): void {
    if (this.#state !== 'open') return;
    const timestampMs = this.#timestampOffsetMs + this.#frames++ * FRAME_MS;
    if (this.#losing > 0) {
      this.#losing--;
      return;
    }
    if (this.#options.dropFrames > 0 && this.#options.random.next() < this.#options.dropFrames) {
      return;
    }
    const payload = frame ? Buffer.from(frame).toString('base64') : SILENT_PAYLOAD;
    this.#write(
      `{"event":"media","sequenceNumber":"${++this.#sequenceNumber}","media":{"track":"inbound",` +
        `"chunk":"${++this.#chunk}","timestamp":"${timestampMs}","payload":"${payload}"},` +
        `"streamSid":"${this.#options.streamSid}"}`,
    );
  }

  /** The telephone network fails for so long, on the caller's side of us. */
  lose(ms: number): void {
    this.#losing = Math.ceil(ms / FRAME_MS);
  }

  /** Plays one frame to the caller; shorter or empty when there is not enough sound. */
  play(): Uint8Array {
    if (this.#state !== 'open' && this.#state !== 'draining') return NOTHING;
    const { mulaw, echoes } = this.#playout.play(FRAME_BYTES);
    for (const name of echoes) this.#echo(name);
    if (this.#state === 'draining' && this.#playout.buffered === 0) this.#end('server');
    return mulaw;
  }

  press(digit: string): void {
    const { streamSid } = this.#options;
    const sequenceNumber = String(++this.#sequenceNumber);
    const dtmf = { track: 'inbound_track', digit };
    this.#write(JSON.stringify({ event: 'dtmf', streamSid, sequenceNumber, dtmf }));
  }

  /** The call has ended or goes elsewhere: `stop`, then a close. Pending marks are lost. */
  stop(): void {
    if (this.#state === 'ended') return;
    const { streamSid, accountSid, callSid } = this.#options;
    const sequenceNumber = String(++this.#sequenceNumber);
    const stop = { accountSid, callSid };
    this.#write(JSON.stringify({ event: 'stop', sequenceNumber, streamSid, stop }));
    this.#close();
    this.#end('stopped');
  }

  /** The network between us fails: the socket is gone, without a word. */
  drop(): void {
    this.#tcp?.resetAndDestroy();
    this.#socket.terminate();
    this.#end('dropped');
  }

  /** A message that is not of the protocol, to see what the server makes of it. */
  inject(message: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  #start(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    const { accountSid, streamSid, callSid, customParameters } = this.#options;
    this.#options.onOpen();
    this.#write('{"event":"connected","protocol":"Call","version":"1.0.0"}');
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    const tracks = ['inbound'];
    const start = { accountSid, streamSid, callSid, tracks, mediaFormat, customParameters };
    const sequenceNumber = String(++this.#sequenceNumber);
    this.#write(JSON.stringify({ event: 'start', sequenceNumber, start, streamSid }));
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#state !== 'open') return;
    const text = isBinary ? '' : data.toString();
    const message = isBinary ? undefined : serverMessage(text);
    if (isBinary) this.#warn('31950 binary message');
    else if (text.length > MESSAGE_LENGTH_LIMIT) this.#warn('31951 message above 1 MiB');
    else if (!message) this.#warn('31951 invalid message');
    else if (message.streamSid !== this.#options.streamSid) this.#warn('31951 wrong streamSid');
    else if (message.event === 'media') this.#takeMedia(message.mulaw);
    else if (message.event === 'mark') this.#takeMark(message.name);
    else this.#takeClear();
  }

  #takeMedia(mulaw: Uint8Array): void {
    if (this.#playout.push(mulaw)) {
      this.#event({ type: 'media', bytes: mulaw.length, bufferedMs: this.#bufferedMs });
    } else {
      this.#warn('31931 more than 10 minutes buffered');
    }
  }

  #takeMark(name: string): void {
    this.#event({ type: 'mark', name, echoed: false, bufferedMs: this.#bufferedMs });
    for (const echo of this.#playout.mark(name)) this.#echo(echo);
  }

  #takeClear(): void {
    this.#event({ type: 'clear', bufferedMs: this.#bufferedMs });
    for (const echo of this.#playout.clear()) this.#echo(echo);
  }

  #echo(name: string): void {
    const { streamSid } = this.#options;
    const sequenceNumber = String(++this.#sequenceNumber);
    this.#write(JSON.stringify({ event: 'mark', sequenceNumber, streamSid, mark: { name } }));
    this.#event({ type: 'mark', name, echoed: true });
  }

  get #bufferedMs(): number {
    return this.#playout.buffered / BYTES_PER_MS;
  }

  #event(entry: Omit<TimelineEntry, 'atMs' | 'trackMs'>): void {
    this.#options.onEvent({ atMs: performance.now(), ...entry });
  }

  /** Twilio reports each of its warnings once per stream. */
  #warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#options.onViolation(text);
  }

  #write(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  #onClose(code: number): void {
    if (this.#state === 'opening') {
      this.#options.onViolation('31920 the upgrade was refused');
      this.#end('failed');
    } else if (this.#options.onServerClose === 'drain' && this.#playout.buffered > 0) {
      if (this.#state === 'open') this.#state = 'draining';
    } else {
      this.#end(code === ABNORMAL_CLOSURE ? 'lost' : 'server');
    }
  }

  #close(): void {
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_LIMIT_MS);
    this.#socket.once('close', () => clearTimeout(timer));
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#socket.terminate();
    else this.#socket.close(this.#options.closeCode);
  }

  #end(how: StreamEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#options.onEnd(how);
  }
}

const FRAME_BYTES = 160;
const BYTES_PER_MS = 8;
const NOTHING = new Uint8Array(0);
const SILENT_PAYLOAD = Buffer.alloc(FRAME_BYTES, 0xff).toString('base64');
const HANDSHAKE_LIMIT_MS = 5000;
const CLOSE_LIMIT_MS = 1000;
/** What `ws` tells of a connection that ended without a close frame. */
const ABNORMAL_CLOSURE = 1006;
const MESSAGE_LENGTH_LIMIT = 1_048_576;

type ServerMessage = { streamSid: string } & (
  | { event: 'media'; mulaw: Uint8Array }
  | { event: 'mark'; name: string }
  | { event: 'clear' }
);

/** What the server may say, with exactly the documented fields; undefined for anything else. */
function serverMessage(text: string): ServerMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(message) || typeof message.streamSid !== 'string') return undefined;
  const { event, streamSid, media, mark } = message;
  const fields = Object.keys(message).length;
  if (event === 'clear') return fields === 2 ? { event, streamSid } : undefined;
  if (fields !== 3) return undefined;
  if (event === 'mark' && isObject(mark) && Object.keys(mark).length === 1) {
    return typeof mark.name === 'string' ? { event, streamSid, name: mark.name } : undefined;
  }
  if (event === 'media' && isObject(media) && Object.keys(media).length === 1) {
    const { payload } = media;
    if (typeof payload !== 'string' || !isBase64(payload)) return undefined;
    return { event, streamSid, mulaw: Buffer.from(payload, 'base64') };
  }
  return undefined;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
