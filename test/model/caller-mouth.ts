import type { Caller } from '../../src/simulators/twilio/caller.ts';
import type { SimulatedCall } from '../../src/simulators/twilio/simulated-call.ts';
import { type AlignedSound, markSound, silence, WINDOW_MS } from './caller-sounds.ts';

/** What one caller says into the telephone. */
export class CallerMouth {
  readonly #call: SimulatedCall;
  readonly #telephone: Caller;
  readonly #number: number;
  /** Where the stream begins in the call's track, in ms. */
  readonly #streamFromMs: number;
  #over: Promise<unknown> = Promise.resolve();

  constructor(
    call: SimulatedCall,
    options: { telephone: Caller; number: number; streamFromMs: number },
  ) {
    this.#call = call;
    this.#telephone = options.telephone;
    this.#number = options.number;
    this.#streamFromMs = options.streamFromMs;
  }

  /** Resolves when all is said. */
  get over(): Promise<unknown> {
    return this.#over;
  }

  say(sound: Uint8Array): void {
    this.#over = this.#utter(markSound(sound, this.#number));
  }

  /** So that it lies in the windows of the voice activity as it should. */
  sayAligned({ mulaw, offsetMs }: AlignedSound): void {
    const { promise, resolve } = Promise.withResolvers<Promise<unknown>>();
    this.#over = promise;
    this.#call.once('said', ({ trackMs = 0 }) => {
      // In the very turn in which it is known where the next frame lies: frames may be in haste.
      const positionMs = (trackMs - this.#streamFromMs) % WINDOW_MS;
      const afterMs = (offsetMs + WINDOW_MS - positionMs) % WINDOW_MS;
      resolve(this.#utter(Buffer.concat([silence(afterMs), mulaw])));
    });
    void this.#utter(silence(20));
  }

  /** A call that ends takes the rest of it. */
  #utter(mulaw: Uint8Array): Promise<unknown> {
    return this.#telephone.say(mulaw).catch(() => undefined);
  }
}
