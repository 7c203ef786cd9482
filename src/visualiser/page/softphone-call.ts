/** Twilio's side of one media stream, as the server knows it: its messages, both ways. Pure. */
import type { SoundOrder } from './telephone-sound.ts';

/** As `POST api/softphone` answers. */
export interface SoftphoneGrant {
  callSid: string;
  accountSid: string;
  /** Sub-protocol of the media socket: a token that is good once. */
  protocol: string;
  customParameters: Readonly<Record<string, string>>;
}

const FRAME_MS = 20;
/** The longest message that Twilio takes, in characters. */
const MESSAGE_LENGTH_LIMIT = 1_048_576;

export class SoftphoneCall {
  readonly #grant: SoftphoneGrant;
  readonly #streamSid: string;
  #sequenceNumber = 0;
  #chunk = 0;
  /** Of the caller's frames, sent or not. */
  #frames = 0;

  /** @param streamSid `MZ` and 32 hexadecimal digits */
  constructor(grant: SoftphoneGrant, streamSid: string) {
    this.#grant = grant;
    this.#streamSid = streamSid;
  }

  /** How long the caller's sound is by now. */
  get spokenMs(): number {
    return this.#frames * FRAME_MS;
  }

  /** The first two messages. */
  begin(): string[] {
    const { callSid, accountSid, customParameters } = this.#grant;
    const start = {
      accountSid,
      streamSid: this.#streamSid,
      callSid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters,
    };
    return [
      JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
      this.#message('start', { start }),
    ];
  }

  /** The next 20 ms of the caller. */
  frame(mulaw: Uint8Array): string {
    const timestamp = String(this.spokenMs);
    this.#frames += 1;
    this.#chunk += 1;
    const payload = btoa(String.fromCharCode(...mulaw));
    const media = { track: 'inbound', chunk: String(this.#chunk), timestamp, payload };
    return this.#message('media', { media });
  }

  /** 20 ms that cannot be sent: a gap in the timestamps tells the server of it. */
  skip(): void {
    this.#frames += 1;
  }

  /** @param digit 0 to 9, * or # */
  press(digit: string): string {
    return this.#message('dtmf', { dtmf: { track: 'inbound_track', digit } });
  }

  /** The sound before this mark has been played, or cleared. */
  reached(name: string): string {
    return this.#message('mark', { mark: { name } });
  }

  hangUp(): string {
    const { accountSid, callSid } = this.#grant;
    return this.#message('stop', { stop: { accountSid, callSid } });
  }

  /** @returns undefined where the message is not one of this stream */
  push(text: string): SoundOrder | undefined {
    const message = text.length <= MESSAGE_LENGTH_LIMIT ? parsed(text) : undefined;
    if (message?.streamSid !== this.#streamSid) return undefined;
    if (message.event === 'clear') return { type: 'clear' };
    if (message.event === 'mark') {
      const name = message.mark?.name;
      return typeof name === 'string' ? { type: 'mark', name } : undefined;
    }
    const mulaw = message.event === 'media' && bytesOf(message.media?.payload);
    return mulaw ? { type: 'play', mulaw } : undefined;
  }

  #message(event: string, body: object): string {
    this.#sequenceNumber += 1;
    const sequenceNumber = String(this.#sequenceNumber);
    return JSON.stringify({ event, sequenceNumber, ...body, streamSid: this.#streamSid });
  }
}

interface ServerMessage {
  event?: unknown;
  streamSid?: unknown;
  media?: { payload?: unknown } | null;
  mark?: { name?: unknown } | null;
}

function parsed(text: string): ServerMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(payload: unknown): Uint8Array | undefined {
  if (typeof payload !== 'string') return undefined;
  try {
    return Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
