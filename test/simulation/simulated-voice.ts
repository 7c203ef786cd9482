/** Cartesia at the far end of its socket: contexts, sound with its words, and what may go wrong. */
import { judgeWork } from './judge-asking.ts';
import type { Random } from './random.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import type { Utterance } from './vocabulary.ts';
import type { World } from './world.ts';

interface Context {
  openedMs: number;
  readonly id: string;
  readonly socket: SimulatedSocket;
  readonly utterance: Utterance;
  /** Still to be spoken. */
  words: string[];
  isLast: boolean;
  isBusy: boolean;
  isCancelled: boolean;
  isStalled: boolean;
}

interface ClientMessage {
  context_id: string;
  transcript?: string;
  continue?: boolean;
  cancel?: boolean;
}

export class SimulatedVoice {
  readonly #world: World;
  readonly #random: Random;
  readonly #contexts = new Map<string, Context>();
  readonly #sockets = new Set<SimulatedSocket>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  connect(socket: SimulatedSocket): void {
    const { time, rates } = this.#world;
    socket.onSent = (text) => time.toProcess(1, () => this.#take(socket, JSON.parse(text)));
    socket.onClosing = () => time.toProcess(1, () => this.#lose(socket));
    socket.onTerminated = () => this.#forget(socket);
    const refused = this.#world.fault('voiceRefused', rates.voiceRefused);
    time.toProcess(this.#random.integer(5, 60), () => {
      if (socket.readyState !== socket.CONNECTING) return this.#lose(socket);
      if (refused) {
        const message = `Unexpected server response: ${this.#random.pick([429, 503, 401])}`;
        socket.emit('error', Object.assign(new Error(message), { type: 'error' }));
        return this.#lose(socket);
      }
      this.#sockets.add(socket);
      socket.readyState = socket.OPEN;
      socket.emit('open', {});
    });
  }

  /** The program's process is gone. */
  forget(): void {
    this.#contexts.clear();
    this.#sockets.clear();
  }

  /** Contexts in which something is still to be spoken. */
  get open(): number {
    return this.#contexts.size;
  }

  /** Connections that the program has not closed. */
  get sockets(): number {
    return [...this.#sockets].filter(({ readyState, OPEN }) => readyState === OPEN).length;
  }

  #take(socket: SimulatedSocket, message: ClientMessage): void {
    if (!this.#sockets.has(socket)) return;
    const known = this.#contexts.get(message.context_id);
    if (message.cancel) {
      if (known) this.#cancel(known);
      return;
    }
    const context = known ?? this.#open(socket, message.context_id);
    if (!context || context.isStalled) return;
    const words = (message.transcript ?? '')
      .split(/\s+/)
      .filter((word) => /[\p{L}\p{N}]/u.test(word));
    context.words.push(...words);
    context.isLast ||= message.continue === false;
    this.#speak(context);
  }

  #open(socket: SimulatedSocket, id: string): Context | undefined {
    const { rates, options, vocabulary } = this.#world;
    const isOverLimit = this.#contexts.size >= options.maxContexts * 2;
    if (isOverLimit || this.#world.fault('voiceLimited', rates.voiceLimited)) {
      this.#send(socket, {
        type: 'error',
        context_id: id,
        status_code: 429,
        error_code: 'concurrency_limited',
      });
      return undefined;
    }
    const context: Context = {
      openedMs: this.#world.time.nowMs,
      id,
      socket,
      utterance: vocabulary.newUtterance(),
      words: [],
      isLast: false,
      isBusy: false,
      isCancelled: false,
      isStalled: false,
    };
    this.#contexts.set(id, context);
    return context;
  }

  /** Piece by piece, faster than it is heard. */
  #speak(context: Context): void {
    const { time, options, rates } = this.#world;
    if (context.isBusy || context.isStalled) return;
    if (context.words.length === 0) {
      if (!context.isLast || context.isCancelled) return;
      this.#contexts.delete(context.id);
      this.#send(context.socket, {
        type: 'done',
        context_id: context.id,
        done: true,
        status_code: 200,
      });
      return;
    }
    context.isBusy = true;
    const isFirst = context.utterance.words.length === 0;
    const count = Math.min(context.words.length, this.#random.integer(1, 6));
    const delayMs = isFirst ? options.firstSoundMs : Math.round((count * options.wordMs) / 5);
    if (this.#world.fault('voiceStalls', rates.voiceStalls / 4)) context.isStalled = true;
    const drops = this.#world.fault('voiceDrops', rates.voiceDrops / 4);
    const garbage = this.#world.fault('voiceGarbage', rates.voiceGarbage / 4);
    time.toProcess(delayMs, () => {
      context.isBusy = false;
      if (context.isStalled || !this.#sockets.has(context.socket)) return;
      if (drops) return this.#lose(context.socket);
      if (garbage) {
        const text = this.#random.pick(['{', '{"type":"chunk","context_id":"', '[]']);
        return context.socket.deliver(text);
      }
      this.#judgeWork(context);
      this.#sound(context, context.words.splice(0, count));
      this.#speak(context);
    });
  }

  #judgeWork({ utterance: { reply }, isCancelled, openedMs }: Context): void {
    const phone = this.#world.phones[reply?.phone ?? -1];
    if (!reply || !phone || isCancelled) return;
    // After a break, words of before are said again.
    const isAgain = phone.legs.length > 1 && openedMs > phone.gaveUpMs;
    if (!isAgain) judgeWork(this.#world, 'the voice', phone, reply.askedMs);
  }

  #sound({ id, socket, utterance }: Context, words: readonly string[]): void {
    const { vocabulary } = this.#world;
    this.#world.judgeSpoken(words);
    const from = utterance.words.length;
    const sound = vocabulary.speak(utterance, words);
    const seconds = (at: number) => ((from + at) * vocabulary.wordMs) / 1000;
    const word_timestamps = {
      words,
      start: words.map((_, at) => seconds(at)),
      end: words.map((_, at) => seconds(at + 1)),
    };
    this.#send(socket, {
      type: 'timestamps',
      context_id: id,
      done: false,
      status_code: 206,
      word_timestamps,
    });
    const data = sound.toString('base64');
    this.#send(socket, {
      type: 'chunk',
      context_id: id,
      data,
      done: false,
      status_code: 206,
      step_time: 1,
    });
  }

  /** What is on its way comes all the same, and sometimes more than that. */
  #cancel(context: Context): void {
    const { time, rates } = this.#world;
    context.isCancelled = true;
    if (context.words.length > 0 && this.#world.fault('voiceLate', rates.voiceLate)) {
      time.toProcess(this.#random.integer(1, 400), () => {
        if (this.#sockets.has(context.socket)) this.#sound(context, context.words.splice(0));
        this.#contexts.delete(context.id);
      });
      return;
    }
    context.words = [];
    this.#contexts.delete(context.id);
  }

  #send(socket: SimulatedSocket, message: object): void {
    const text = JSON.stringify(message);
    if (this.#sockets.has(socket)) socket.deliver(text);
  }

  #lose(socket: SimulatedSocket): void {
    this.#forget(socket);
    socket.gone();
  }

  #forget(socket: SimulatedSocket): void {
    this.#sockets.delete(socket);
    for (const [id, context] of this.#contexts)
      if (context.socket === socket) this.#contexts.delete(id);
  }
}
