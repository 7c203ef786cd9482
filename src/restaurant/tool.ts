import type { z } from 'zod';
import type { CallBookings } from './call-bookings.ts';
import type { DeskAnswer } from './desk-answer.ts';
import type { Profile } from './profile.ts';
import type { ReservationBook } from './reservation-book.ts';

/** Something that the model may ask for. What it may not do is held by the tool, not by its words. */
export interface Tool<Arguments = unknown> {
  readonly name: string;
  /** For the model; short, for it is read again with every request. */
  readonly description: string;
  /**
   * Takes what a model may have meant, refuses all else. `date` comes as `YYYY-MM-DD` here: words
   * for days have been replaced.
   */
  readonly schema: z.ZodType<Arguments>;
  /**
   * What the tool asks for an answer from, and so what is uncertain when none comes: `read` and
   * `write` the book, `message` the messages, nothing at all.
   */
  readonly needs?: 'read' | 'write' | 'message';
  /** @throws {BookUnavailableError} and whatever taking a message throws */
  run(args: Arguments, call: ToolCall): Promise<DeskAnswer>;
}

export interface Message {
  name?: string;
  /** E.164, or digits as the caller gave them. */
  phone?: string;
  text: string;
  /** A name of the profile's staff. */
  destination?: string;
}

/** One use of a tool: what it may know and do. */
export interface ToolCall {
  readonly profile: Profile;
  readonly book: ReservationBook;
  readonly bookings: CallBookings;
  readonly callSid: string;
  /** What the caller's turns are counted by. */
  readonly turn: number;
  /** For the book: the same operation asked again has the same key. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Absent when the caller withholds it. */
  readonly callerPhone: string | undefined;
  takeMessage(message: Message): Promise<void>;
  /** True once the model has been told that the outcome is unknown: it must not rely on it then. */
  isLate(): boolean;
  /** Gives a held table back, later and without an answer; a hold that stays lapses by itself. */
  release(reservationId: string): void;
}

/** Lets the compiler read a tool's arguments from its schema. */
export function tool<Arguments>(definition: Tool<Arguments>): Tool<Arguments> {
  return definition;
}
