/** What is written down of a call. Each entry can be written twice without harm. */
import type { CallEventRow, CallRow, MessageRow, TurnRow } from './schema.ts';

/**
 * `epoch` is that of the life that tells. Of a life that does not own its call any more nothing is
 * written. Without it an event and a turn are of the first life; so is what a call says of its own
 * outcome. Everything else without it is told by nobody's life (by Twilio), and always written.
 */

export type JournalEntry =
  /** Sets these fields of the call's one row, which is made if there is none. */
  | {
      kind: 'call';
      callSid: string;
      /**
       * `outcome_is_own: 0` never replaces an outcome; `1` always does. A reason that is given with an
       * outcome stays or goes with it, and so does the call's end, unless only the other one knows it.
       * A call's own `PASSING_OUTCOMES` give way to anything.
       */
      fields: Partial<Omit<CallRow, 'call_sid' | 'epoch'>>;
      epoch?: number;
    }
  /** The first with this `(call_sid, seq)` stays. */
  | { kind: 'event'; row: CallEventRow; epoch?: number }
  /**
   * The last with this `(call_sid, turn)` stays, as a transcript comes later than its turn; but null
   * never takes the place of a text, a language or latencies. What was cut goes with the text.
   */
  | { kind: 'turn'; row: TurnRow; epoch?: number }
  /** The caller's sound of a turn, which the last one sets; null deletes it. */
  | { kind: 'sound'; callSid: string; epoch: number; turn: number; mulaw: Uint8Array | null }
  /** What the call's desk knows, as JSON; the last one stays. */
  | { kind: 'desk'; callSid: string; epoch: number; state: string }
  /** The first with this id stays; what it lacks is filled by those that come later. */
  | { kind: 'message'; row: MessageRow; epoch?: number };
