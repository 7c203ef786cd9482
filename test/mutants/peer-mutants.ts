/** Bugs towards the engine, the voice and Twilio. */
import type { Mutant } from './mutants.ts';

const QUEUE = 'src/ultravox/engine-queue.ts';
const PACER = 'src/twilio/playback-pacer.ts';
const UTTERANCE = 'src/tts/cartesia-utterance.ts';

export const peerMutants: readonly Mutant[] = [
  {
    name: 'a second request in the slot',
    file: QUEUE,
    from: 'this.#queue = new PQueue({ concurrency });',
    to: 'this.#queue = new PQueue({ concurrency: concurrency + 1 });',
    catcher: 'simulation',
    seed: 306,
  },
  {
    name: 'a slot that is not freed by who leaves it',
    file: QUEUE,
    from: 'entry.attempt.abort(LEFT);',
    to: '',
    catcher: 'simulation',
    seed: 252,
  },
  {
    name: 'no deadline in the line',
    file: QUEUE,
    from: 'entry.timer = setTimeout(() => this.#fail(entry, lateError(entry)), Math.max(0, remainingMs));',
    to: 'void remainingMs;',
    catcher: 'simulation',
    seed: 184,
  },
  {
    name: 'work in the background goes first',
    file: 'src/ultravox/queue-entry.ts',
    from: `  waiting: 2,
  speculative: 1,
  background: 0,`,
    to: `  waiting: 0,
  speculative: 1,
  background: 2,`,
    catcher: 'simulation',
    seed: 250,
  },
  {
    name: 'no abort: the engine writes on for nobody',
    file: 'src/ultravox/queue-entry.ts',
    from: 'onAbort: () => onLeave(entry, options.signal.reason),',
    to: 'onAbort: () => {},',
    catcher: 'simulation',
    seed: 252,
  },
  {
    name: 'no deadline for the first token',
    file: 'src/ultravox/engine-client.ts',
    from: "watchdog.expect(this.#firstTokenMs, 'firstTokenStall');",
    to: '',
    catcher: 'simulation',
    seed: 384,
  },
  {
    name: 'a context of the voice is not cancelled',
    file: UTTERANCE,
    from: 'if (cancel) this.#connection?.send({ cancel: true, context_id: this.#contextId });',
    to: 'void cancel;',
    catcher: 'simulation',
    seed: 183,
  },
  {
    name: 'a context that is over is listened to for ever',
    file: UTTERANCE,
    from: 'this.#connection?.unlisten(this.#contextId);',
    to: '',
    catcher: 'simulation',
    seed: 307,
  },
  {
    name: 'sound after the clear',
    file: PACER,
    from: `  #stopSound(nowMs: number): Outgoing[] {
    this.#queue.clear();`,
    to: '  #stopSound(nowMs: number): Outgoing[] {',
    catcher: 'simulation',
    seed: 252,
  },
  {
    name: 'a clear does not begin another generation of marks',
    file: PACER,
    from: 'this.#generation++;',
    to: '',
    catcher: 'simulation',
    seed: 117,
  },
  {
    name: 'a mark of an old generation is trusted',
    file: PACER,
    from: `g\${this.#generation}:`,
    to: 'g:',
    catcher: 'simulation',
    seed: 117,
  },
  {
    name: 'the last mark is not waited for',
    file: PACER,
    from: 'return last ? Math.max(last.dueMs, last.sentMs) + this.#options.markMarginMs : this.#runsOutMs;',
    to: 'return last ? Math.min(last.dueMs, this.#runsOutMs) : this.#runsOutMs;',
    catcher: 'simulation',
  },
  {
    name: 'all sound is sent at once',
    file: PACER,
    from: 'if (this.leadMs(nowMs) > next.atLeadMs) return this.#runsOutMs - next.atLeadMs;',
    to: '',
    catcher: 'simulation',
  },
];
