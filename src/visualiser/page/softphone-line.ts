/** One softphone: what it is doing, and the call that it makes through this page's server. */
import { type Api, ApiError } from './api.ts';
import { CallerTrack } from './caller-track.ts';
import { openMediaSocket } from './media-socket.ts';
import { SoftphoneCall, type SoftphoneGrant } from './softphone-call.ts';
import { openTelephone, type Telephone, TelephoneError } from './telephone.ts';
import type { SoundNews } from './telephone-sound.ts';

export type SoftphoneState =
  | { name: 'idle' }
  /** The browser asks for the microphone. */
  | { name: 'asking' }
  | { name: 'connecting' }
  | { name: 'inCall'; callSid: string; since: number }
  | { name: 'ended'; callSid: string; how: 'hungUp' | 'byServer' | 'lost'; durationMs: number }
  | { name: 'failed'; reason: string };

export interface SoftphoneListener {
  onState(state: SoftphoneState): void;
  /** The server has given its word to take the call, which has not begun yet. */
  onGranted(callSid: string): void;
  /** Fifty times a second: dB below full scale. */
  onLevels(spokenDb: number, heardDb: number): void;
}

export interface CallOptions {
  noiseSuppression: boolean;
  /** Keeps the caller's side. */
  isRecorded: boolean;
}

/** 2 s of sound that the network has not taken: what is said then is left out. */
const FULL_BYTES = 32 * 1024;
/** Of WebSocket: an end as it should be, and a stream that the server does not believe. */
const NORMAL_CLOSURE = 1000;
const POLICY_VIOLATION = 1008;

export class SoftphoneLine {
  readonly #api: Api;
  readonly #listener: SoftphoneListener;
  #state: SoftphoneState = { name: 'idle' };
  #attempt: AbortController | undefined;
  #telephone: Telephone | undefined;
  #socket: WebSocket | undefined;
  #call: SoftphoneCall | undefined;
  #track: CallerTrack | undefined;

  constructor(api: Api, listener: SoftphoneListener) {
    this.#api = api;
    this.#listener = listener;
  }

  get state(): SoftphoneState {
    return this.#state;
  }

  /** What the caller said in the last call; undefined where it was not to be kept. */
  get track(): CallerTrack | undefined {
    return this.#track;
  }

  /** To be called when a button is pressed. While it is busy it does nothing. */
  async call(options: CallOptions): Promise<void> {
    if (this.#attempt) return;
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#track = options.isRecorded ? new CallerTrack() : undefined;
    try {
      await this.#connect(options, attempt.signal);
    } catch (error) {
      this.#release();
      const isOwn = attempt.signal.aborted;
      this.#become(isOwn ? { name: 'idle' } : { name: 'failed', reason: reasonOf(error) });
    }
  }

  /** Ends what is going on, whatever it is. */
  hangUp(): void {
    if (this.#state.name !== 'inCall') {
      this.#attempt?.abort();
      return;
    }
    this.#send((call) => call.hangUp());
    this.#end('hungUp');
  }

  /** @param digit 0 to 9, * or # */
  press(digit: string): void {
    this.#send((call) => call.press(digit));
  }

  async #connect({ noiseSuppression }: CallOptions, signal: AbortSignal): Promise<void> {
    this.#become({ name: 'asking' });
    const onNews = (news: SoundNews) => this.#hear(news);
    this.#telephone = await openTelephone({ noiseSuppression, onNews, signal });
    this.#become({ name: 'connecting' });
    const grant = await this.#api.post<SoftphoneGrant>('softphone', {}, signal);
    this.#listener.onGranted(grant.callSid);
    const socket = await openMediaSocket(grant.protocol, signal);
    this.#socket = socket;
    this.#call = new SoftphoneCall(grant, `MZ${crypto.randomUUID().replaceAll('-', '')}`);
    socket.onmessage = ({ data }) => this.#take(String(data));
    socket.onclose = ({ code }) => this.#closed(code);
    for (const message of this.#call.begin()) socket.send(message);
    this.#become({ name: 'inCall', callSid: grant.callSid, since: performance.now() });
  }

  #take(text: string): void {
    const order = this.#call?.push(text);
    if (order) this.#telephone?.order(order);
  }

  #hear(news: SoundNews): void {
    // The audio thread had more to tell when it was closed.
    if (!this.#telephone) return;
    if (news.type === 'reached') {
      for (const name of news.names) this.#send((call) => call.reached(name));
      return;
    }
    this.#listener.onLevels(news.spokenDb, news.heardDb);
    if (!this.#call) return;
    if ((this.#socket?.bufferedAmount ?? 0) > FULL_BYTES) this.#call.skip();
    else this.#send((call) => call.frame(news.mulaw));
    this.#track?.push(news.mulaw);
  }

  #send(message: (call: SoftphoneCall) => string): void {
    if (this.#call && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(message(this.#call));
    }
  }

  #closed(code: number): void {
    if (code === POLICY_VIOLATION) {
      this.#release();
      this.#become({ name: 'failed', reason: 'The server did not accept the call.' });
    } else this.#end(code === NORMAL_CLOSURE ? 'byServer' : 'lost');
  }

  #end(how: 'hungUp' | 'byServer' | 'lost'): void {
    if (this.#state.name !== 'inCall') return;
    const { callSid, since } = this.#state;
    this.#release();
    this.#become({ name: 'ended', callSid, how, durationMs: performance.now() - since });
  }

  #release(): void {
    if (this.#socket) {
      this.#socket.onmessage = null;
      this.#socket.onclose = null;
      this.#socket.close(NORMAL_CLOSURE);
    }
    this.#telephone?.close();
    this.#attempt = undefined;
    this.#socket = undefined;
    this.#telephone = undefined;
    this.#call = undefined;
  }

  #become(state: SoftphoneState): void {
    this.#state = state;
    this.#listener.onState(state);
  }
}

/** For whoever called. */
function reasonOf(error: unknown): string {
  if (error instanceof TelephoneError) return error.message;
  if (error instanceof ApiError) {
    if (error.status === 401) return 'The server wants its API token. Enter it, then call again.';
    return `The server answered: ${error.message}.`;
  }
  return 'The server cannot be reached.';
}
