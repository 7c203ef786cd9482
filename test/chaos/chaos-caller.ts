/**
 * The caller of a chaos run: says the lines of the dialogue, listens to the words of the answers, and
 * does what a person does when the line broke: waits, and says again what they are asked for.
 */
import type { Caller } from '../../src/simulators/twilio/caller.ts';
import type { SeededRandom } from '../../src/simulators/twilio/seeded-random.ts';
import type { Recording } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import { DIALOGUE, type Line } from './dialogue.ts';
import { HeardWords } from './marked-speech.ts';
import type { Moment } from './moment.ts';

/** A line, as often as it was said. */
export interface Said {
  line: Line['id'];
  /** Positions in the call's sound. */
  fromMs: number;
  toMs: number;
  /** A stream carried all of it. */
  wasCarried: boolean;
}

export interface ChaosCallerOptions {
  recordings: ReadonlyMap<string, Recording>;
  random: SeededRandom;
  onMoment(moment: Moment, line: Line): void;
}

const FIRST_WORDS_MS = 15_000;
const PAUSE_MS = { least: 500, most: 1200 };
/** Into an answer that is going to be interrupted. */
const INTERRUPTS_AFTER_MS = 1000;
/** With nothing heard for so long a person asks again. */
const PATIENCE_MS = 9000;
const ANSWER_MS = 45_000;
const MOST_TIMES = 4;
const ASKED_QUIET_MS = 500;
const TAIL_WORDS = 2;

export class ChaosCaller {
  readonly heard = new HeardWords();
  readonly said: Said[] = [];
  readonly #options: ChaosCallerOptions;
  readonly #waits = new Set<{ isOver(): boolean; resolve(): void }>();
  /** Lines that were answered, or interrupted as they were meant to be. */
  answered = 0;

  constructor(options: ChaosCallerOptions) {
    this.#options = options;
  }

  /** To be given all that is played. */
  hear(mulaw: Uint8Array): void {
    this.heard.push(mulaw);
    for (const wait of this.#waits) {
      if (!wait.isOver()) continue;
      this.#waits.delete(wait);
      wait.resolve();
    }
  }

  /** Rejects when an answer does not come, or the line is put down. */
  async talk(caller: Caller): Promise<void> {
    await this.#until(caller, 'a greeting', FIRST_WORDS_MS, () => this.heard.words.length > 0);
    this.#options.onMoment('greeting', DIALOGUE[0]!);
    await caller.agentSilent();
    for (const line of DIALOGUE) {
      if (!line.interrupts) {
        this.#options.onMoment('listening', line);
        await caller.pause(this.#options.random.between(PAUSE_MS.least, PAUSE_MS.most));
      }
      await this.#ask(caller, line);
      this.answered += 1;
    }
    // Whoever hears the line go dead at the last words waits for somebody to be there again.
    do {
      await this.#until(caller, 'a line that works', ANSWER_MS, () => caller.connected);
      await caller.pause(PAUSE_MS.least);
    } while (!caller.connected);
    await caller.hangUp();
  }

  async #ask(caller: Caller, line: Line): Promise<void> {
    for (let times = 1; times <= MOST_TIMES; times += 1) {
      const isFirst = times === 1;
      const fromWord = this.heard.words.length;
      if (isFirst) this.#options.onMoment(line.interrupts ? 'bargeIn' : 'hearing', line);
      await this.#say(caller, line);
      if (isFirst) this.#options.onMoment('thinking', line);
      if (await this.#isAnswered(caller, line, fromWord, isFirst)) return;
    }
    throw new Error(`expected an answer to "${line.id}", got none in ${MOST_TIMES} times`);
  }

  async #say(caller: Caller, { id }: Line): Promise<void> {
    const fromMs = this.heard.trackMs;
    const wasCarried = caller.connected;
    await caller.say(this.#options.recordings.get(id)!.mulaw);
    const toMs = this.heard.trackMs;
    this.said.push({ line: id, fromMs, toMs, wasCarried: wasCarried && caller.connected });
  }

  /** False when it has to be said again: the agent asks for it, or nobody says anything. */
  async #isAnswered(
    caller: Caller,
    line: Line,
    fromWord: number,
    isFirst: boolean,
  ): Promise<boolean> {
    const next = DIALOGUE[DIALOGUE.indexOf(line) + 1];
    let isSpeaking = false;
    let quietSinceMs = this.heard.trackMs;
    let words = this.heard.words.length;
    let how: 'answered' | 'asked' | undefined;
    await this.#until(caller, `an answer to "${line.id}"`, ANSWER_MS, () => {
      const { trackMs } = this.heard;
      const since = this.heard.words.slice(fromWord);
      if (this.heard.words.length > words) quietSinceMs = trackMs;
      words = this.heard.words.length;
      const quietMs = trackMs - quietSinceMs;
      const first = since.find(({ isReply, text }) => isReply && line.reply.includes(text));
      if (first && !isSpeaking && isFirst) this.#options.onMoment('speaking', line);
      isSpeaking ||= first !== undefined;
      const isInterrupted = first !== undefined && next?.interrupts === true;
      if (isInterrupted && trackMs - first.trackMs >= INTERRUPTS_AFTER_MS) how = 'answered';
      else if (isTailOf(line.reply, since) && quietMs >= ASKED_QUIET_MS) how = 'answered';
      else if (isQuestionOfHouse(since) && quietMs >= ASKED_QUIET_MS) how = 'asked';
      else if (quietMs >= PATIENCE_MS) how = 'asked';
      return how !== undefined;
    });
    return how === 'answered';
  }

  /** Polled with every frame. Rejects when it takes too long, or the line is down. */
  async #until(
    caller: Caller,
    what: string,
    withinMs: number,
    isOver: () => boolean,
  ): Promise<void> {
    const untilMs = this.heard.trackMs + withinMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    let isLate = false;
    const wait = {
      isOver: () => {
        isLate = this.heard.trackMs > untilMs;
        return isLate || isOver();
      },
      resolve,
    };
    this.#waits.add(wait);
    const ended = await Promise.race([
      promise.then(() => false),
      caller.hungUp(2 * withinMs).then(() => true),
    ]);
    this.#waits.delete(wait);
    if (ended) throw new Error(`expected ${what}, but the call has ended`);
    if (isLate) throw new Error(`expected ${what}, waited ${withinMs} ms in vain`);
  }
}

/** The last words of the reply were heard, one after the other. */
function isTailOf(reply: string, since: readonly { text: string; isReply: boolean }[]): boolean {
  const tail = reply.split(' ').slice(-TAIL_WORDS).join(' ');
  const heard = since.filter(({ isReply }) => isReply).map(({ text }) => text);
  return heard.join(' ').includes(tail);
}

/** Such as "You were saying?" or "Are you still there?". */
function isQuestionOfHouse(since: readonly { text: string; isReply: boolean }[]): boolean {
  const last = since.at(-1);
  return last !== undefined && !last.isReply && last.text.endsWith('?');
}
