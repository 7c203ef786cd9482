/** One media stream as a stranger might send it: mostly the protocol, and what is wrong with it. */
import type { Random } from '../simulation/random.ts';
import { mutatedBytes, mutatedJson, mutatedText } from './mutate.ts';
import { oddText } from './odd-values.ts';

export type MediaInput =
  /** A text message; `@token@` and `@call@` are filled in when it is sent. */
  | { text: string }
  /** A binary message, in base64. */
  | { binary: string }
  /** A text message of these bytes, which need not be UTF-8. In base64. */
  | { bytes: string }
  /** Straight into the TCP connection, past the framing. In base64. */
  | { wire: string }
  /** Marks that the server has sent come back. */
  | { echo: 'all' | 'newest' | 'twice' }
  | { end: 'close' | 'cut' };

export const CALL = '@call@';
export const TOKEN = '@token@';
export const STREAM_SID = 'MZfuzz';
export const ACCOUNT_SID = `AC${'7'.repeat(32)}`;

export function drawMediaCase(random: Random): MediaInput[] {
  const writer = new StreamWriter(random);
  const inputs: MediaInput[] = opening(writer, random);
  for (let left = random.skewed(100, 3000); left > 0; left--) {
    inputs.push(bounded(anything(writer, random), random));
  }
  if (random.chance(0.6)) inputs.push({ text: JSON.stringify(writer.stop()) });
  inputs.push({ end: random.chance(0.8) ? 'close' : 'cut' });
  return inputs;
}

function opening(writer: StreamWriter, random: Random): MediaInput[] {
  const valid: MediaInput[] = [{ text: CONNECTED }, { text: JSON.stringify(writer.start()) }];
  if (random.chance(0.8)) return valid;
  if (random.chance(0.5))
    return [{ text: CONNECTED }, { text: mutatedJson(writer.start(), random) }];
  if (random.chance(0.5)) return valid.slice(1);
  return [anything(writer, random), ...valid];
}

function anything(writer: StreamWriter, random: Random): MediaInput {
  const die = random.unit();
  if (die < 0.4) return { text: JSON.stringify(writer.media()) };
  if (die < 0.65) return { text: mutatedJson(writer.media(), random) };
  if (die < 0.93) return small(writer, random);
  return outOfProtocol(writer, random);
}

/** The messages that are not sound. */
function small(writer: StreamWriter, random: Random): MediaInput {
  const die = random.unit();
  if (die < 0.25) return { echo: random.pick(['all', 'newest', 'twice'] as const) };
  if (die < 0.4) return { text: JSON.stringify(writer.dtmf()) };
  if (die < 0.6) return { text: mutatedJson(writer.dtmf(), random) };
  if (die < 0.85) return { text: mutatedJson(writer.mark(), random) };
  if (die < 0.92) return { text: mutatedJson(writer.start(), random) };
  if (die < 0.997) return { text: mutatedJson({ ...writer.stop(), streamSid: 'MZother' }, random) };
  return { text: JSON.stringify(writer.stop()) };
}

function outOfProtocol(writer: StreamWriter, random: Random): MediaInput {
  const die = random.unit();
  const text = JSON.stringify(writer.media());
  if (die < 0.5) return { text: mutatedText(text, random) };
  if (die < 0.8) return { binary: random.bytes(random.skewed(0, 500)).toString('base64') };
  if (die < 0.995) return { text: oddText(random) };
  if (die < 0.997) return { bytes: mutatedBytes(Buffer.from(text), random).toString('base64') };
  if (die < 0.999) return { text: text + ' '.repeat(LIMIT - text.length + random.integer(-1, 1)) };
  return { wire: random.bytes(random.integer(1, 20)).toString('base64') };
}

/** Most are cut to what a socket takes, as a longer one is the last of its connection. */
function bounded(input: MediaInput, random: Random): MediaInput {
  if (!('text' in input) || input.text.length <= LIMIT || random.chance(0.02)) return input;
  return { text: input.text.slice(0, LIMIT / 4) };
}

/** What the socket takes in one message. */
const LIMIT = 16 * 1024;
const CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}';

/** The right messages, with counters that go up and now and then jump. */
class StreamWriter {
  readonly #random: Random;
  #sequence = 0;
  #chunk = 0;
  #timestampMs: number;
  #talks = false;

  constructor(random: Random) {
    this.#random = random;
    this.#timestampMs = random.integer(0, 180);
  }

  start(): object {
    const start = {
      accountSid: ACCOUNT_SID,
      streamSid: STREAM_SID,
      callSid: CALL,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: { token: TOKEN, direction: 'inbound', caller: '+15550123' },
    };
    return { event: 'start', ...this.#numbered(), start };
  }

  media(): object {
    const random = this.#random;
    if (random.chance(0.02)) this.#talks = !this.#talks;
    const bytes = random.chance(0.95) ? FRAME_BYTES : random.skewed(0, 4000);
    const mulaw = Buffer.alloc(bytes, this.#talks ? LOUD : SILENT);
    const media = {
      track: 'inbound',
      chunk: String(++this.#chunk),
      timestamp: String(this.#timestampMs),
      payload: mulaw.toString('base64'),
    };
    this.#timestampMs += bytes / 8;
    if (random.chance(0.01)) this.#timestampMs += random.integer(-3000, 20_000);
    this.#timestampMs = Math.max(0, Math.round(this.#timestampMs));
    return { event: 'media', ...this.#numbered(), media };
  }

  dtmf(): object {
    const digit = this.#random.pick([...'0123456789*#ABCD']);
    return { event: 'dtmf', ...this.#numbered(), dtmf: { track: 'inbound_track', digit } };
  }

  mark(): object {
    const name = this.#random.pick(['g1:200', 'g1:end', 'g2:end', 'g0:', 'g-1:NaN', 'x', '']);
    return { event: 'mark', ...this.#numbered(), mark: { name } };
  }

  stop(): object {
    const stop = { accountSid: ACCOUNT_SID, callSid: CALL };
    return { event: 'stop', ...this.#numbered(), stop };
  }

  #numbered(): object {
    if (this.#random.chance(0.005)) this.#sequence += this.#random.integer(-20, 1000);
    this.#sequence = Math.max(0, this.#sequence) + 1;
    return { streamSid: STREAM_SID, sequenceNumber: String(this.#sequence) };
  }
}

const FRAME_BYTES = 160;
/** Mu-law bytes that `LoudnessEars` takes for speech, and for none. */
const LOUD = 0x10;
const SILENT = 0xff;
