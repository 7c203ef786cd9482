/** This machine's microphone and speaker as a telephone. */
import type { SoundNews, SoundOrder } from './telephone-sound.ts';

/** Under the path that the file has in the project. */
const WORKLET = 'files/src/visualiser/page/telephone-worklet.ts';
/** Somebody may have to be asked first, and may have left. */
const PERMISSION_MS = 60_000;
const SOUND_MS = 10_000;

export type TelephoneProblem = 'insecure' | 'denied' | 'missing' | 'busy' | 'late' | 'broken';

const REASONS: Readonly<Record<TelephoneProblem, string>> = {
  insecure:
    'The browser gives a microphone only to pages of https:// or localhost. Open this page there.',
  denied: 'The microphone was denied. Allow it for this page in the browser, then call again.',
  missing: 'There is no microphone on this machine.',
  busy: 'The microphone cannot be opened: another program may be using it.',
  late: 'The microphone was neither allowed nor denied in time.',
  broken: 'The browser could not start its sound.',
};

/** There is no sound to call with; the message says what to do. */
export class TelephoneError extends Error {
  override name = 'TelephoneError';
  readonly kind: TelephoneProblem;

  constructor(kind: TelephoneProblem, options?: ErrorOptions) {
    super(REASONS[kind], options);
    this.kind = kind;
  }
}

export interface TelephoneOptions {
  noiseSuppression: boolean;
  /** Fifty frames a second and the marks, until it is closed. */
  onNews(news: SoundNews): void;
  signal: AbortSignal;
}

export interface Telephone {
  order(order: SoundOrder): void;
  close(): void;
}

/** False on pages that are neither of https nor of this machine. */
export function mayHaveMicrophone(): boolean {
  return isSecureContext && navigator.mediaDevices !== undefined;
}

/**
 * To be called when somebody presses a button: without that, browsers play nothing.
 * @throws {TelephoneError} or the signal's reason
 */
export async function openTelephone(options: TelephoneOptions): Promise<Telephone> {
  if (!mayHaveMicrophone()) throw new TelephoneError('insecure');
  const context = new AudioContext({ latencyHint: 'interactive' });
  let microphone: MediaStream | undefined;
  const close = () => {
    for (const track of microphone?.getTracks() ?? []) track.stop();
    void context.close();
  };
  try {
    microphone = await openMicrophone(options);
    const starting = Promise.all([context.audioWorklet.addModule(WORKLET), context.resume()]);
    await within(starting, SOUND_MS, 'broken', options.signal);
    return { order: connect(context, microphone, options), close };
  } catch (error) {
    close();
    options.signal.throwIfAborted();
    throw error instanceof TelephoneError ? error : new TelephoneError('broken', { cause: error });
  }
}

async function openMicrophone({ noiseSuppression, signal }: TelephoneOptions) {
  const audio = { echoCancellation: true, noiseSuppression, autoGainControl: true };
  const asking = navigator.mediaDevices.getUserMedia({ audio: { ...audio, channelCount: 1 } });
  try {
    return await within(asking, PERMISSION_MS, 'late', signal);
  } catch (error) {
    // It may still be given to us, when nobody wants it any more.
    void asking.then(stop, () => undefined);
    if (error instanceof DOMException) {
      throw new TelephoneError(PROBLEMS[error.name] ?? 'broken', { cause: error });
    }
    throw error;
  }
}

const PROBLEMS: Readonly<Record<string, TelephoneProblem>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  NotReadableError: 'busy',
};

function stop(microphone: MediaStream): void {
  for (const track of microphone.getTracks()) track.stop();
}

function connect(
  context: AudioContext,
  microphone: MediaStream,
  { onNews }: TelephoneOptions,
): (order: SoundOrder) => void {
  const node = new AudioWorkletNode(context, 'telephone', {
    channelCount: 1,
    channelCountMode: 'explicit',
    outputChannelCount: [1],
  });
  node.port.onmessage = ({ data }: MessageEvent<SoundNews>) => onNews(data);
  context.createMediaStreamSource(microphone).connect(node).connect(context.destination);
  return (order) => node.port.postMessage(order);
}

async function within<Value>(
  work: Promise<Value>,
  ms: number,
  problem: TelephoneProblem,
  signal: AbortSignal,
): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  const timer = setTimeout(() => reject(new TelephoneError(problem)), ms);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
