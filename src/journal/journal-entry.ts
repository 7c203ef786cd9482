/** What is written down of a call. Each entry can be written twice without harm. */
import type { CallEventRow, CallRow, MessageRow, TurnRow } from './schema.ts';

export type JournalEntry =
  /** Sets these fields of the call's one row, which is made if there is none. */
  | {
      kind: 'call';
      callSid: string;
      /**
       * `outcome_is_own: 0` never replaces an outcome; `1` always does. A reason that is given with an
       * outcome stays or goes with it, and so does the call's end, unless only the other one knows it.
       */
      fields: Partial<Omit<CallRow, 'call_sid'>>;
    }
  /** The first with this `(call_sid, seq)` stays. */
  | { kind: 'event'; row: CallEventRow }
  /**
   * The last with this `(call_sid, turn)` stays, as a transcript comes later than its turn; but null
   * never takes the place of a text, a language or latencies.
   */
  | { kind: 'turn'; row: TurnRow }
  /** The first with this id stays; what it lacks is filled by those that come later. */
  | { kind: 'message'; row: MessageRow };
