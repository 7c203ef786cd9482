/** Runs the telephone's sound in the browser's audio thread. */
import { type SoundNews, type SoundOrder, TelephoneSound } from './telephone-sound.ts';

// Of the audio thread's own scope, which the compiler's library does not describe.
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: typeof Telephone): void;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}

class Telephone extends AudioWorkletProcessor {
  readonly #sound = new TelephoneSound(sampleRate);

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<SoundOrder>) => {
      this.#tell(this.#sound.order(data));
    };
  }

  /** A microphone that has gone is silent: frames go on, as they do on a telephone. */
  process(inputs: Float32Array[][], [speaker = []]: Float32Array[][]): boolean {
    const [played, ...others] = speaker;
    if (!played) return true;
    const heard = inputs[0]?.[0] ?? new Float32Array(played.length);
    this.#tell(this.#sound.render(heard, played));
    for (const other of others) other.set(played);
    return true;
  }

  #tell(news: readonly SoundNews[]): void {
    for (const each of news) this.port.postMessage(each);
  }
}

registerProcessor('telephone', Telephone);
