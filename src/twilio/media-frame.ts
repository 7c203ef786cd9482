/**
 * Reads the one message that comes fifty times a second on every call straight from its bytes, without a
 * text, an object or an array being made. Whatever does not look exactly as Twilio writes it is left to
 * `parseMessage`.
 */
import { MESSAGE_LENGTH_LIMIT } from './media-message.ts';

/** One for each stream. Its fields are those of the message that was read last. */
export class MediaFrame {
  sequenceNumber = 0;
  chunk = 0;
  timestampMs = 0;
  /** Written over by the next frame. */
  mulaw: Uint8Array = new Uint8Array(FRAME_BYTES);
  readonly #end: Uint8Array;
  /** How far the message is read. */
  #at = 0;
  #number = 0;

  constructor(streamSid: string) {
    this.#end = asciiOf(`"},"streamSid":"${streamSid}"}`);
  }

  /**
   * @param message the bytes of a text message
   * @returns false: it is not a frame of this stream in Twilio's usual form, and the fields mean nothing
   */
  read(message: Uint8Array): boolean {
    if (message.length > MESSAGE_LENGTH_LIMIT) return false;
    this.#at = 0;
    if (!this.#skip(message, BEFORE_SEQUENCE_NUMBER) || !this.#digits(message)) return false;
    this.sequenceNumber = this.#number;
    if (!this.#skip(message, BEFORE_CHUNK) || !this.#digits(message)) return false;
    this.chunk = this.#number;
    if (!this.#skip(message, BEFORE_TIMESTAMP) || !this.#digits(message)) return false;
    this.timestampMs = this.#number;
    if (!this.#skip(message, BEFORE_PAYLOAD)) return false;
    const from = this.#at;
    this.#at = message.length - this.#end.length;
    const to = this.#at;
    return from <= to && this.#skip(message, this.#end) && this.#decode(message, from, to);
  }

  #skip(message: Uint8Array, expected: Uint8Array): boolean {
    const at = this.#at;
    for (let i = 0; i < expected.length; i++) if (message[at + i] !== expected[i]) return false;
    this.#at = at + expected.length;
    return true;
  }

  #digits(message: Uint8Array): boolean {
    const from = this.#at;
    let at = from;
    let number = 0;
    for (; at - from <= MAX_DIGITS; at++) {
      const digit = (message[at] ?? 0) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      number = number * 10 + digit;
    }
    this.#at = at;
    this.#number = number;
    return at > from && at - from <= MAX_DIGITS;
  }

  /** Base64 with its padding, from one position of the message to another. */
  #decode(message: Uint8Array, from: number, to: number): boolean {
    const letters = to - from;
    if (letters % 4 !== 0) return false;
    let padding = 0;
    if (letters > 0 && message[to - 1] === PADDING) padding = message[to - 2] === PADDING ? 2 : 1;
    const bytes = (letters / 4) * 3 - padding;
    if (this.mulaw.length !== bytes) this.mulaw = new Uint8Array(bytes);
    const { mulaw } = this;
    let all = 0;
    let out = 0;
    for (let at = from; at < to - 4; at += 4) {
      const bits =
        (SIX_BITS[message[at]!]! << 18) |
        (SIX_BITS[message[at + 1]!]! << 12) |
        (SIX_BITS[message[at + 2]!]! << 6) |
        SIX_BITS[message[at + 3]!]!;
      all |= bits;
      mulaw[out++] = bits >> 16;
      mulaw[out++] = bits >> 8;
      mulaw[out++] = bits;
    }
    // The last four letters, of which the padding stands for nothing.
    let bits = 0;
    for (let i = 0; i < 4 - padding && letters > 0; i++) {
      bits |= SIX_BITS[message[to - 4 + i]!]! << (18 - 6 * i);
    }
    for (let shift = 16; out < mulaw.length; shift -= 8) mulaw[out++] = bits >> shift;
    // What is no letter is negative, and so is everything that it is joined with.
    return (all | bits) >= 0;
  }
}

/** 20 ms, as Twilio sends them. */
const FRAME_BYTES = 160;
/** As `parseMessage` takes them. */
const MAX_DIGITS = 15;
const ZERO = 0x30;
const PADDING = 0x3d;

const BEFORE_SEQUENCE_NUMBER = asciiOf('{"event":"media","sequenceNumber":"');
const BEFORE_CHUNK = asciiOf('","media":{"track":"inbound","chunk":"');
const BEFORE_TIMESTAMP = asciiOf('","timestamp":"');
const BEFORE_PAYLOAD = asciiOf('","payload":"');

/** What each byte stands for in base64; -1: nothing. */
const SIX_BITS = new Int8Array(256).fill(-1);
asciiOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach(
  (byte, value) => {
    SIX_BITS[byte] = value;
  },
);

function asciiOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
