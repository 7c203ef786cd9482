/** A line on which the agent speaks: what it says, what comes back of it, and what else is heard. */
import { decodeMulaw, encodeMulaw } from '../audio/mulaw.ts';
import { type EchoPath, LineEcho } from '../simulators/twilio/line-echo.ts';
import { SeededRandom } from '../simulators/twilio/seeded-random.ts';
import { joined } from './joined-samples.ts';

export interface Scene {
  id: string;
  group: string;
  /** Samples at 8 kHz. */
  agent: Int16Array;
  /** The agent pauses after so much, and what follows is played by up to so much later than usual. */
  stretches?: { everyMs: number; lateMs: number };
  /** Undefined: nothing comes back, or it is in `sound` already. */
  echo?: EchoPath;
  /** What is heard beside the echo, from `soundAtMs` on. */
  sound?: Int16Array;
  soundAtMs?: number;
  /** In the whole line's time: where the caller speaks. */
  speech?: { startMs: number; endMs: number };
  /** Of the line, in dBFS. */
  noiseDb: number;
  seed: number;
}

/** The scene in frames of 20 ms, as Twilio would send them; the agent can be stopped and resumed. */
export class SceneLine {
  readonly #scene: Scene;
  readonly #agent: Uint8Array;
  readonly #echo: LineEcho | undefined;
  readonly #random: SeededRandom;
  #frames = 0;
  /** Bytes of the agent's that were heard, and those that were sent. */
  #heardBytes = 0;
  #sentBytes = 0;
  #isStopped = false;
  /** Frames in which nothing is sent, and after them those in which nothing is played yet. */
  #pauseFrames = 0;
  #lateFrames = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#agent = encodeMulaw(scene.agent);
    this.#echo = scene.echo && new LineEcho(scene.echo);
    this.#random = new SeededRandom(scene.seed);
  }

  get durationMs(): number {
    const { agent, sound, soundAtMs = 0, stretches } = this.#scene;
    const agentMs = agent.length / 8;
    const pauses = stretches ? Math.ceil(agentMs / stretches.everyMs) : 0;
    const pauseMs = pauses * (STRETCH_PAUSE_MS + (stretches?.lateMs ?? 0));
    return Math.max(agentMs + pauseMs + ECHO_MS, soundAtMs + (sound?.length ?? 0) / 8 + AFTER_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#sentBytes = this.#heardBytes;
  }

  resume(): void {
    this.#isStopped = false;
  }

  /** What the pacer would send now: it stays 400 ms ahead, 100 ms at a time. */
  *send(): Generator<Uint8Array> {
    const endBytes = Math.min(this.#agent.length, this.#stretchEnd(this.#heardBytes));
    while (!this.#isStopped && this.#pauseFrames === 0 && this.#sentBytes < endBytes) {
      if (this.#sentBytes - this.#heardBytes > LEAD_BYTES - MESSAGE_BYTES) return;
      const to = Math.min(endBytes, this.#sentBytes + MESSAGE_BYTES);
      const message = this.#agent.subarray(this.#sentBytes, to);
      this.#sentBytes += message.length;
      yield message;
    }
  }

  /** The next frame, in mu-law. */
  next(): Uint8Array {
    const frame = encodeMulaw(this.#sound());
    const mixed = this.#echo?.mix(frame) ?? frame;
    const end = this.#isWaiting() ? this.#heardBytes : this.#heardBytes + FRAME;
    const heardBytes = Math.min(end, this.#sentBytes);
    this.#echo?.heard(this.#agent.subarray(this.#heardBytes, heardBytes));
    if (heardBytes === this.#stretchEnd(this.#heardBytes)) this.#pause();
    this.#heardBytes = heardBytes;
    this.#frames++;
    return mixed;
  }

  #isWaiting(): boolean {
    if (this.#pauseFrames > 0) this.#pauseFrames--;
    else if (this.#lateFrames > 0) this.#lateFrames--;
    else return false;
    return true;
  }

  #pause(): void {
    const lateFrames = (this.#scene.stretches?.lateMs ?? 0) / FRAME_MS;
    this.#pauseFrames = STRETCH_PAUSE_MS / FRAME_MS;
    this.#lateFrames = Math.round(this.#random.next() * lateFrames);
  }

  /** Where the stretch ends that this byte is in. */
  #stretchEnd(bytes: number): number {
    const { stretches } = this.#scene;
    if (!stretches) return Number.POSITIVE_INFINITY;
    const each = stretches.everyMs * 8;
    return (Math.floor(bytes / each) + 1) * each;
  }

  #sound(): Int16Array {
    const { sound, soundAtMs = 0, noiseDb } = this.#scene;
    const amplitude = 32768 * 10 ** (noiseDb / 20) * Math.sqrt(3);
    const from = this.#frames * FRAME - soundAtMs * 8;
    return Int16Array.from({ length: FRAME }, (_, i) => {
      const noise = (this.#random.next() * 2 - 1) * amplitude;
      return Math.max(-32768, Math.min(32767, (sound?.[from + i] ?? 0) + noise));
    });
  }
}

/** The recording with its speech at this level; dBFS of its louder parts. */
export function atLevel(samples: Int16Array, levelDb: number): Int16Array {
  const gain = 10 ** (levelDb / 20) / (speechLevel(samples) || 1);
  return samples.map((sample) => Math.max(-32768, Math.min(32767, sample * gain)));
}

/** One after the other, with short pauses: an agent that says several sentences. */
export function sentences(recordings: readonly Int16Array[], limitMs: number): Int16Array {
  const pause = new Int16Array(PAUSE_SAMPLES);
  const whole = joined(recordings.flatMap((recording) => [recording, pause]));
  return decodeMulaw(encodeMulaw(whole.subarray(0, limitMs * 8)));
}

/** RMS of full scale over the frames within 30 dB of the loudest. */
function speechLevel(samples: Int16Array): number {
  const powers: number[] = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    let sum = 0;
    for (let i = at; i < at + FRAME; i++) sum += samples[i]! ** 2;
    powers.push(sum / FRAME);
  }
  const loudest = Math.max(0, ...powers);
  const spoken = powers.filter((power) => power > loudest / 1000);
  const mean = spoken.reduce((sum, power) => sum + power, 0) / Math.max(1, spoken.length);
  return Math.sqrt(mean) / 32768;
}

const FRAME = 160;
const FRAME_MS = 20;
const STRETCH_PAUSE_MS = 400;
const LEAD_BYTES = 3200;
const MESSAGE_BYTES = 800;
const PAUSE_SAMPLES = 2400;
/** After the agent's last sound: its echo. After the caller's: until it is decided. */
const ECHO_MS = 1000;
const AFTER_MS = 1500;
