import { createHash } from 'node:crypto';
import { CallBookings } from './call-bookings.ts';
import { knownCaller } from './contact-phone.ts';
import type { DeskAnswer } from './desk-answer.ts';
import { type DeskState, readDeskState } from './desk-state.ts';
import { localNow } from './local-time.ts';
import { MessageUncertainError } from './message-uncertain-error.ts';
import type { Profile } from './profile.ts';
import { BookUnavailableError, type ReservationBook } from './reservation-book.ts';
import { staffBrief } from './staff-brief.ts';
import type { Message, Tool, ToolCall } from './tool.ts';
import {
  BOOK_UNAVAILABLE,
  BOOK_UNCERTAIN,
  BUSY,
  DID_NOT_WORK,
  MESSAGE_FAILED,
  MESSAGE_UNCERTAIN,
  refused,
} from './tool-answer.ts';
import { readArguments } from './tool-arguments.ts';
import { toolsOf } from './toolbox.ts';
import { WorkLine } from './work-line.ts';

export interface DeskOptions {
  profile: Profile;
  book: ReservationBook;
  /**
   * Resolves when it is kept.
   * @param key with the same one it is the same message, however often it is given
   * @throws {MessageUncertainError} when it may be kept, else it is lost
   */
  takeMessage(message: Message, key: string): Promise<void>;
  callSid: string;
  /** As Twilio gives it. */
  callerPhone?: string;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** What `onChange` told last in an earlier life of this call. Tools wait for it; it settles in time. */
  earlier?: Promise<string | undefined>;
  /** Told after each use of a tool, before it is answered: what the desk of another life needs, as JSON. */
  onChange?: (state: string) => void;
  /** What a book or the messages failed of; the model is told in its own words. */
  onError?: (error: unknown) => void;
}

/**
 * Where the model's tool calls of one call arrive. Whatever the model writes: nothing is booked that
 * was not held and read back before, nothing changed or cancelled that was not found or made in this
 * call, nobody called who is not in the profile.
 */
export class Desk {
  readonly #options: DeskOptions;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #bookings = new CallBookings();
  readonly #line = new WorkLine({ boundMs: ANSWER_MS, mostWaiting: MAX_WAITING });
  /** By turn, tool and arguments. */
  readonly #answers = new Map<string, Promise<DeskAnswer>>();
  /** Keys of operations of unknown outcome, by tool and arguments: tried again, they keep theirs. */
  readonly #uncertainKeys = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #restored: Promise<void>;
  /** While an operation that was given up is still at the book, no other begins there. */
  #isAtBook = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#onError = options.onError ?? (() => undefined);
    this.#restored = this.#restore(options.earlier).catch(this.#onError);
  }

  /** One sentence for the person who takes over. */
  get brief(): string {
    return staffBrief(this.#bookings);
  }

  /** What was confirmed in this call, in order. */
  get reservationIds(): readonly string[] {
    return this.#bookings.confirmedIds;
  }

  /** How often each tool was used, by `name`, and by `name.refused` how often in vain. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /**
   * Does what the model asks for, or says why not. The same tool with the same arguments in the same
   * turn is done once, and answered the same. Never rejects; settles within 5 s.
   *
   * @param turn counts the caller's turns: what was held in one may be confirmed in a later one
   */
  async run(
    { name, argumentsJson }: { name: string; argumentsJson: string },
    { turn }: { turn: number },
  ): Promise<DeskAnswer> {
    const { profile } = this.#options;
    const tool = toolsOf(profile).get(name);
    if (!tool) {
      const names = [...toolsOf(profile).keys()].join(', ');
      return this.#counted('unknown', refused('There is no such tool.', `There are ${names}.`));
    }
    const read = readArguments(tool, argumentsJson, localNow(profile, this.#now()).date);
    if (!read.ok) return this.#counted(tool.name, refused(read.why));
    const work = `${tool.name}:${digestOf(read.canonical)}`;
    const id = `${turn}:${work}`;
    const known = this.#answers.get(id);
    if (known) return known;
    if (this.#answers.size >= MAX_ANSWERS) return this.#counted(tool.name, BUSY);
    const answer = this.#answer(tool, read.args, { turn, work }).then((each) => {
      // Nothing was done, so that asking again can do it.
      if (each === BUSY) this.#answers.delete(id);
      this.#counted(tool.name, each);
      this.#options.onChange?.(JSON.stringify(this.#state));
      return each;
    });
    this.#answers.set(id, answer);
    return answer;
  }

  async #answer(
    tool: Tool,
    args: unknown,
    { turn, work }: { turn: number; work: string },
  ): Promise<DeskAnswer> {
    let key = `${this.#options.callSid}:${turn}:${work}`;
    const end = await this.#line.do(async (isLate) => {
      await this.#restored;
      key = this.#uncertainKeys.get(work) ?? key;
      return this.#use(tool, args, this.#call(turn, key, isLate));
    });
    if (end.how === 'busy') return BUSY;
    const answer = end.how === 'ended' ? end.value : unanswered(tool);
    // That the book cannot be reached now says nothing about what it did before.
    const isUncertain =
      answer === BOOK_UNCERTAIN || (answer === BOOK_UNAVAILABLE && this.#uncertainKeys.has(work));
    if (!isUncertain) this.#uncertainKeys.delete(work);
    else this.#uncertainKeys.set(work, key);
    return isUncertain ? BOOK_UNCERTAIN : answer;
  }

  async #use(tool: Tool, args: unknown, call: ToolCall): Promise<DeskAnswer> {
    const asksBook = tool.needs === 'read' || tool.needs === 'write';
    if (asksBook && this.#isAtBook) return BOOK_UNAVAILABLE;
    try {
      this.#isAtBook ||= asksBook;
      return await tool.run(args, call);
    } catch (error) {
      this.#onError(error);
      return failed(tool, error);
    } finally {
      if (asksBook) this.#isAtBook = false;
    }
  }

  #call(turn: number, key: string, isLate: () => boolean): ToolCall {
    const { profile, book, callSid, callerPhone } = this.#options;
    return {
      profile,
      book,
      bookings: this.#bookings,
      callSid,
      turn,
      key,
      nowMs: this.#now(),
      callerPhone: knownCaller(callerPhone),
      takeMessage: (message) => this.#options.takeMessage(message, key),
      isLate,
      release: (id) => this.#release(`${callSid}:${turn}:release:${digestOf(id)}`, id),
    };
  }

  get #state(): DeskState {
    return {
      bookings: this.#bookings.state,
      counts: [...this.#counts],
      uncertainKeys: [...this.#uncertainKeys],
    };
  }

  async #restore(earlier: DeskOptions['earlier']): Promise<void> {
    const state = readDeskState(await earlier);
    if (!state) return;
    this.#bookings.restore(state.bookings);
    for (const [name, count] of state.counts) {
      this.#counts.set(name, count + (this.#counts.get(name) ?? 0));
    }
    for (const [work, key] of state.uncertainKeys) this.#uncertainKeys.set(work, key);
  }

  #release(key: string, reservationId: string): void {
    const work = async () => {
      if (this.#isAtBook) return;
      this.#isAtBook = true;
      try {
        await this.#options.book.cancel(key, reservationId);
      } finally {
        this.#isAtBook = false;
      }
    };
    this.#line.do(work).catch(this.#onError);
  }

  #counted(name: string, answer: DeskAnswer): DeskAnswer {
    const add = (each: string) => this.#counts.set(each, (this.#counts.get(each) ?? 0) + 1);
    add(name);
    if (!answer.accepted) add(`${name}.refused`);
    return answer;
  }
}

/** From asking to the answer; the caller waits in silence, or with a filler. */
const ANSWER_MS = 5_000;
/** The model calls one tool at a time: more than this is no conversation. */
const MAX_WAITING = 8;
/** Different uses of tools in one call. */
const MAX_ANSWERS = 300;

/** The bound struck while it worked. */
function unanswered({ needs }: Tool): DeskAnswer {
  if (needs === 'write') return BOOK_UNCERTAIN;
  return needs === 'message' ? MESSAGE_UNCERTAIN : BOOK_UNAVAILABLE;
}

function failed({ needs }: Tool, error: unknown): DeskAnswer {
  if (error instanceof MessageUncertainError) return MESSAGE_UNCERTAIN;
  if (needs === 'message') return MESSAGE_FAILED;
  if (needs === undefined) return DID_NOT_WORK;
  const isCertain = error instanceof BookUnavailableError && !error.uncertain;
  return needs === 'read' || isCertain ? BOOK_UNAVAILABLE : BOOK_UNCERTAIN;
}

/** 64 bits of SHA-256: enough to tell the uses of one tool in one turn apart. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
