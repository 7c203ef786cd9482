/**
 * The tables, as both databases have them. Moments are milliseconds since 1970 (UTC), flags are 0 or
 * 1, lists and objects are JSON text: so that SQLite and PostgreSQL hold the same values.
 */

export interface Schema {
  calls: CallRow;
  call_events: CallEventRow;
  turns: TurnRow;
  reservations: ReservationRow;
  occupancy: OccupancyRow;
  operations: OperationRow;
  messages: MessageRow;
  lives: LifeRow;
  turn_sounds: TurnSoundRow;
  desks: DeskRow;
}

/** One row a call, whatever ends it and however often its end is told. */
export interface CallRow {
  call_sid: string;
  direction: 'inbound' | 'outbound';
  /** HMAC of the caller's number: finds a caller again without holding the number. */
  caller_key: string | null;
  caller_last4: string | null;
  started_at: number;
  ended_at: number | null;
  duration_ms: number | null;
  /** `CallOutcome` of the call machine, or what the telephone network said: null while it lives. */
  outcome: string | null;
  /** 1: said by the call itself; 0: concluded from what Twilio said. The first replaces the second. */
  outcome_is_own: number;
  reason: string | null;
  language: string | null;
  turns: number;
  interruptions: number;
  reprompts: number;
  failures: number;
  dead_air_ms: number | null;
  /** JSON: for each stage of an answer its median, 95th percentile and maximum in ms. */
  latencies: string | null;
  /** JSON: answers that were prepared at a pause (`used`, `dropped`), and what was for nothing (`wastedMs`). */
  speculation: string | null;
  /** JSON: how often each tool was used, by `name` and `name.refused`. */
  tool_calls: string | null;
  reservation_id: string | null;
  handoff_destination: string | null;
  /** Twilio's DialCallStatus. */
  handoff_status: string | null;
  /** One sentence for the person who takes over. */
  handoff_brief: string | null;
  voicemail: number;
  /** Twilio's AnsweredBy, of an outbound call. */
  answered_by: string | null;
  summary: string | null;
  /** JSON list. */
  tags: string | null;
  /** JSON: of program, model and voice. */
  versions: string | null;
  /** Of the life that owns the call: 0 for the first. Only `takeOver` raises it. */
  epoch: number;
}

/** A life of a call after its first, which began with the call: one media stream in one process. */
export interface LifeRow {
  call_sid: string;
  epoch: number;
  began_at: number;
}

/**
 * The caller's sound of a turn whose words nobody has written down yet, for the next life of the call.
 * Of a turn that waits for its answer, under the number that it will have. Gone when the call is.
 */
export interface TurnSoundRow {
  call_sid: string;
  turn: number;
  epoch: number;
  /** 8 kHz, one byte a sample. */
  mulaw: Uint8Array;
}

/** What a call's desk knows, for the next life of the call. Gone when the call is. */
export interface DeskRow {
  call_sid: string;
  /** JSON: which bookings the model may name, and how. */
  state: string;
}

/** What happened, in order; append-only. */
export interface CallEventRow {
  call_sid: string;
  seq: number;
  at: number;
  type: string;
  /** JSON; without what was said and without digits. */
  payload: string;
}

/** What each side said, as the other one heard it. */
export interface TurnRow {
  call_sid: string;
  /** From 0, over both speakers. */
  turn: number;
  at: number;
  speaker: 'caller' | 'agent' | 'tool';
  /** Null until the caller's words have been written down. */
  text: string | null;
  /** Of an agent's turn: the words after `text`, which the caller did not hear (yet). */
  cut: string | null;
  language: string | null;
  /** JSON, of an agent's answer: ms by stage. */
  latencies: string | null;
}

export type ReservationStatus = 'held' | 'confirmed' | 'cancelled' | 'expired';

export interface ReservationRow {
  id: string;
  call_sid: string | null;
  status: ReservationStatus;
  party_size: number;
  /** As the guest says them, in the restaurant's time zone: `2026-12-24`, `19:30`. */
  date: string;
  time: string;
  starts_at: number;
  ends_at: number;
  name: string | null;
  /** Lower case, letters and single spaces: what a search by name compares. */
  name_key: string | null;
  phone: string | null;
  phone_last4: string | null;
  note: string | null;
  /** Of a hold. */
  expires_at: number | null;
  created_at: number;
  updated_at: number;
}

/**
 * Who sits where: one row for each place and slot that a booking takes. The primary key is what makes
 * overlapping bookings beyond capacity impossible, whoever writes at the same time.
 */
export interface OccupancyRow {
  /** A table (`t4-2`: the second of four seats) or a seat (`s17`). */
  place: string;
  /** Minutes since 1970 (UTC) at which the slot begins. */
  slot: number;
  reservation_id: string;
}

/** An operation that was done, with its result: asked again, it is not done again. */
export interface OperationRow {
  /** Call, turn, tool, and a digest of its arguments. */
  key: string;
  at: number;
  /** JSON. */
  result: string;
}

export interface MessageRow {
  id: string;
  call_sid: string | null;
  created_at: number;
  kind: 'voicemail' | 'message';
  /** The staff destination that it is for. */
  destination: string | null;
  name: string | null;
  phone: string | null;
  text: string | null;
  recording_url: string | null;
  recording_s: number | null;
}
