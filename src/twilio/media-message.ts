/** The JSON messages of a media stream, both ways. Pure. */

/** What Twilio sends, with its strings read as the numbers that they are. */
export type InboundMessage = { event: 'connected' } | (StreamMessage & Sequenced);

/** Every message but `connected` names its stream and has a number, shared by all kinds. */
export interface Sequenced {
  streamSid: string;
  /** From 1 for `start`. */
  sequenceNumber: number;
}

export type StreamMessage =
  | StartMessage
  | MediaMessage
  | { event: 'dtmf'; digit: string }
  | { event: 'mark'; name: string }
  | { event: 'stop' };

export interface StartMessage {
  event: 'start';
  callSid: string;
  accountSid: string;
  /** From the TwiML's `<Parameter>`s. A Map, because a stranger may choose the keys. */
  customParameters: ReadonlyMap<string, string>;
}

export interface MediaMessage {
  event: 'media';
  /** Counts media messages only, from 1. */
  chunk: number;
  /** Since the stream began. The first is about 100 to 170, and steps are only nearly even. */
  timestampMs: number;
  /** Usually 160 bytes, 20 ms; nothing promises it. */
  mulaw: Uint8Array;
}

export type MediaMessageProblem =
  | 'binary'
  | 'notJson'
  | 'unknownEvent'
  | 'malformed'
  | 'oversized'
  | 'wrongFormat';

/** The text is not a message of the protocol. The message never quotes what the peer sent. */
export class MediaMessageError extends Error {
  override name = 'MediaMessageError';
  readonly kind: MediaMessageProblem;

  constructor(kind: MediaMessageProblem, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Longest text that we read. A media message of 20 ms has about 350 characters. */
export const MESSAGE_LENGTH_LIMIT = 16_384;

/** @throws {MediaMessageError} */
export function parseMessage(text: string): InboundMessage {
  if (text.length > MESSAGE_LENGTH_LIMIT) {
    throw new MediaMessageError(
      'oversized',
      `expected at most ${MESSAGE_LENGTH_LIMIT} characters, got ${text.length}`,
    );
  }
  const message = record(parseJson(text), 'an object');
  switch (message.event) {
    case 'connected':
      return { event: 'connected' };
    case 'media':
      return { ...media(message), ...sequenced(message) };
    case 'mark': {
      const name = text256(record(message.mark, 'mark').name, 'mark.name');
      return { event: 'mark', name, ...sequenced(message) };
    }
    case 'start':
      return { ...start(message), ...sequenced(message) };
    case 'dtmf': {
      const { digit } = record(message.dtmf, 'dtmf');
      if (typeof digit !== 'string' || !/^[0-9*#A-D]$/.test(digit)) {
        throw malformed('dtmf.digit of 0-9, *, # or A-D');
      }
      return { event: 'dtmf', digit, ...sequenced(message) };
    }
    case 'stop':
      return { event: 'stop', ...sequenced(message) };
    default:
      throw new MediaMessageError('unknownEvent', 'expected a known event, got another');
  }
}

/** Sound for the caller. Twilio takes any length and plays it in the order of arrival. */
export function mediaMessage(streamSid: string, mulaw: Uint8Array): string {
  const payload = Buffer.from(mulaw.buffer, mulaw.byteOffset, mulaw.length).toString('base64');
  // Neither part needs escaping, and a template costs a fraction of JSON.stringify.
  return `{"event":"media","streamSid":"${streamSid}","media":{"payload":"${payload}"}}`;
}

/** Echoed when all sound sent before it has been played, or at once when that is cleared. */
export function markMessage(streamSid: string, name: string): string {
  return JSON.stringify({ event: 'mark', streamSid, mark: { name } });
}

/** Drops the sound that Twilio has not played yet, and returns its marks. */
export function clearMessage(streamSid: string): string {
  return `{"event":"clear","streamSid":"${streamSid}"}`;
}

type Json = Readonly<Record<string, unknown>>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes its input, which may be a caller's.
    throw new MediaMessageError('notJson', `expected JSON, got ${text.length} other characters`);
  }
}

function media(message: Json): MediaMessage {
  const { track, chunk, timestamp, payload } = record(message.media, 'media');
  if (track !== 'inbound') throw malformed('media.track "inbound"');
  if (typeof payload !== 'string' || !isBase64(payload)) throw malformed('media.payload in base64');
  return {
    event: 'media',
    chunk: count(chunk, 'media.chunk'),
    timestampMs: count(timestamp, 'media.timestamp'),
    mulaw: Buffer.from(payload, 'base64'),
  };
}

function start(message: Json): StartMessage {
  const { callSid, accountSid, mediaFormat, customParameters } = record(message.start, 'start');
  const { encoding, sampleRate, channels } = record(mediaFormat, 'start.mediaFormat');
  if (encoding !== 'audio/x-mulaw' || sampleRate !== 8000 || channels !== 1) {
    throw new MediaMessageError(
      'wrongFormat',
      'expected mono mu-law at 8000 Hz, got another format',
    );
  }
  const parameters = Object.entries(record(customParameters ?? {}, 'start.customParameters'));
  return {
    event: 'start',
    callSid: sid(callSid, 'start.callSid'),
    accountSid: sid(accountSid, 'start.accountSid'),
    customParameters: new Map(
      parameters.map(([name, value]) => {
        if (typeof value !== 'string') throw malformed('start.customParameters of strings');
        return [name, value];
      }),
    ),
  };
}

function sequenced(message: Json): Sequenced {
  return {
    streamSid: sid(message.streamSid, 'streamSid'),
    sequenceNumber: count(message.sequenceNumber, 'sequenceNumber'),
  };
}

function record(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(what);
  return value as Json;
}

/** Twilio sends its counters as strings of digits. */
function count(value: unknown, what: string): number {
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw malformed(`${what} in digits`);
  return Number(value);
}

/** Identifiers go into messages and keys unescaped, so nothing else may pass. */
function sid(value: unknown, what: string): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(value)) throw malformed(what);
  return value;
}

function text256(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.length > 256) {
    throw malformed(`${what} of at most 256 characters`);
  }
  return value;
}

/** `Buffer.from` skips what is not base64; a truncated payload must not pass as shorter sound. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function malformed(expected: string): MediaMessageError {
  return new MediaMessageError('malformed', `expected ${expected}`);
}
