/** The media stream of one call: frames and keys to the program, sound and marks back. */
import type { WebSocket } from 'ws';
import { Ear } from './ear.ts';
import type { Phone } from './phone.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import type { SimulatedServer } from './stand-ins/server.ts';
import { stretchesOf } from './vocabulary.ts';
import type { World } from './world.ts';

interface Sent {
  event: string;
  media?: { payload: string };
  mark?: { name: string };
}

export class StreamLeg {
  readonly ear: Ear;
  readonly socket = new SimulatedSocket();
  readonly #world: World;
  readonly #phone: Phone;
  readonly #parameters: Record<string, string>;
  readonly #streamSid: string;
  #sequence = 0;
  #chunk = 0;
  #timestampMs = 100;
  /** Nothing overtakes anything: when the last thing on its way arrives. */
  #inMs = 0;
  #outMs = 0;
  #isOpen = true;
  #isSilent = false;
  #isAddressed = false;
  /** The line broke: what the caller waits for is not the program's doing. */
  isBroken = false;
  /** The process had it in its hands when it died. */
  isForsaken = false;
  lastSpokenMs = 0;
  /** When the caller's turn ended: with the last word, or as long after the last key as more may follow. */
  waitsFromMs = 0;

  constructor(world: World, phone: Phone, parameters: Record<string, string>) {
    this.#world = world;
    this.#phone = phone;
    this.#parameters = parameters;
    this.#streamSid = `MZ${phone.callSid.slice(2)}`;
    this.ear = new Ear(world, {
      mood: world.options.markMood,
      echo: (name) => this.#deliver('mark', `"mark":{"name":"${name}"}`),
      onSound: () => phone.hears(),
    });
  }

  open(server: SimulatedServer): void {
    const { socket } = this;
    socket.onSent = (text) => this.#sent(text);
    socket.onClosing = () => this.#later(() => this.#closed());
    socket.onTerminated = () => this.#ended();
    this.#phone.call = this.#world.opened(server, socket as unknown as WebSocket, this.#phone);
    this.#later(() => socket.deliver('{"event":"connected","protocol":"Call","version":"1.0.0"}'));
    const start = {
      callSid: this.#phone.callSid,
      accountSid: this.#world.accountSid,
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: this.#parameters,
    };
    this.#deliver('start', `"start":${JSON.stringify(start)}`);
    this.#nextFrame();
  }

  /** The caller has hung up. */
  stop(): void {
    if (!this.#isOpen) return;
    this.#deliver('stop', '"stop":{}');
    this.#later(() => this.#closed());
  }

  /** The connection breaks without a word. @param isKnown the program's end learns of it */
  reset(isKnown: boolean): void {
    if (!this.#isOpen) return;
    this.isBroken = true;
    this.isForsaken = !isKnown;
    this.#ended();
    if (isKnown) this.socket.gone();
    else this.socket.readyState = this.socket.CLOSED;
  }

  #closed(): void {
    this.#ended();
    this.socket.gone();
  }

  #ended(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.ear.close();
    this.#world.log(`${this.#phone.index} stream ended`);
    this.#phone.streamEnded();
  }

  #nextFrame(): void {
    const { frameMs } = this.#world.options;
    this.#world.time.after(frameMs, () => {
      if (!this.#isOpen || this.#phone.hasHungUp) return;
      this.#frame(frameMs);
      this.#nextFrame();
    });
  }

  #frame(frameMs: number): void {
    const { time, rates } = this.#world;
    const { ear } = this;
    const deed = this.#phone.caller.act(frameMs, {
      isSilent: ear.isSilent,
      silentMs: time.nowMs - Math.max(ear.runsOutMs, this.lastSpokenMs),
      isAddressed: this.#isAddressed,
    });
    if (deed === 'hangsUp') {
      this.#phone.hangUp();
      return;
    }
    if (typeof deed === 'object') {
      this.#deliver('dtmf', `"dtmf":{"digit":"${deed.presses}"}`);
      this.waitsFromMs = time.nowMs + KEYPAD_PAUSE_MS;
    }
    const speaks = deed === 'speaks';
    if (speaks) {
      this.lastSpokenMs = time.nowMs;
      this.waitsFromMs = time.nowMs;
      this.#isAddressed = false;
    }
    const isLost = this.#world.fault('lineGap', rates.lineGap);
    this.#timestampMs += frameMs;
    this.#breakDown(frameMs);
    if (!isLost) this.#sendSound(speaks ? this.#phone.sound : SILENCE, frameMs);
  }

  #sendSound(value: number, frameMs: number): void {
    this.#chunk += 1;
    const payload = payloadOf(value, frameMs * 8);
    const place = `"chunk":"${this.#chunk}","timestamp":"${this.#timestampMs}"`;
    this.#deliver('media', `"media":{"track":"inbound",${place},"payload":"${payload}"}`);
  }

  /** What may happen to a line in so long a time. */
  #breakDown(ms: number): void {
    const world = this.#world;
    const { rates } = world;
    if (world.fault('lineReset', (rates.lineReset * ms) / 1000)) this.reset(true);
    if (world.fault('lineGoesSilent', (rates.lineGoesSilent * ms) / 1000)) {
      this.#isSilent = true;
      this.isBroken = true;
    }
    if (world.fault('lineBadMessage', rates.lineBadMessage)) this.#sendNonsense();
  }

  #sendNonsense(): void {
    const { random } = this.#phone;
    const text = random.pick([
      '{',
      '[]',
      '{"event":"__proto__"}',
      '{"event":"media","sequenceNumber":"1","streamSid":"MZother","media":{}}',
      `{"event":"mark","sequenceNumber":"1","streamSid":"${this.#streamSid}","mark":{"name":"g1:end"}}`,
      '{"event":"connected"}',
    ]);
    this.#later(() => this.socket.deliver(text));
  }

  #deliver(event: string, fields: string): void {
    if (!this.#isOpen || this.#isSilent) return;
    this.#sequence += 1;
    const text = `{"event":"${event}","sequenceNumber":"${this.#sequence}","streamSid":"${this.#streamSid}",${fields}}`;
    if (event !== 'media')
      this.#world.log(`${this.#phone.index} < ${event} ${event === 'mark' ? fields : ''}`);
    this.#later(() => this.socket.deliver(text));
  }

  /** What the program sends, at the moment when it does. */
  #sent(text: string): void {
    const message = JSON.parse(text) as Sent;
    const phone = this.#phone;
    if (!this.#isOpen) return;
    if (message.media) {
      const stretches = stretchesOf(Buffer.from(message.media.payload, 'base64'));
      this.#world.judgeSent(phone, stretches);
      this.#isAddressed = true;
      if (stretches) this.#earlier(() => this.ear.play(stretches));
    } else if (message.mark) {
      const { name } = message.mark;
      this.#world.log(`${phone.index} > mark ${name}`);
      this.#earlier(() => this.ear.mark(name));
    } else if (message.event === 'clear') {
      this.#world.log(`${phone.index} > clear`);
      this.#earlier(() => this.ear.clear());
    }
  }

  /** Arrives at the program. */
  #later(run: () => void): void {
    this.#inMs = this.#arrival(this.#inMs);
    this.#world.time.after(this.#inMs - this.#world.time.nowMs, run);
  }

  /** Arrives at Twilio. */
  #earlier(run: () => void): void {
    this.#outMs = this.#arrival(this.#outMs);
    this.#world.time.after(this.#outMs - this.#world.time.nowMs, () => {
      if (this.#isOpen) run();
    });
  }

  #arrival(lastMs: number): number {
    const { latencyMs, jitterMs } = this.#world.options;
    const jitter = jitterMs > 0 ? this.#phone.random.integer(0, jitterMs) : 0;
    return Math.max(lastMs, this.#world.time.nowMs + latencyMs + jitter);
  }
}

const SILENCE = 0xff;
/** As the program has it. */
const KEYPAD_PAUSE_MS = 2000;
const payloads = new Map<number, string>();

/** Sound of one value, in base64: there are few of them, and each is sent often. */
function payloadOf(value: number, bytes: number): string {
  const key = value * 65_536 + bytes;
  let payload = payloads.get(key);
  if (payload === undefined) {
    payload = Buffer.alloc(bytes, value).toString('base64');
    payloads.set(key, payload);
  }
  return payload;
}
