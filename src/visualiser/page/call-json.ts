/** One call as `api/calls` gives it. Moments are texts such as `2026-12-24T18:00:00.000Z`. */

export interface CallJson {
  call_sid: string;
  direction: 'inbound' | 'outbound';
  caller_last4: string | null;
  started_at: string;
  ended_at: string | null;
  duration_ms: number | null;
  /** Null while the call goes on. */
  outcome: string | null;
  reason: string | null;
  language: string | null;
  turns: number;
  interruptions: number;
  reprompts: number;
  failures: number;
  /** The longest that the caller waited and heard nothing. */
  dead_air_ms: number | null;
  /** By stage of an answer. */
  latencies: Readonly<Record<string, Spread>> | null;
  /** Answers that were prepared at a pause; null in older records. */
  speculation: { used: number; dropped: number; wastedMs: number } | null;
  tool_calls: Readonly<Record<string, number>> | null;
  reservation_id: string | null;
  handoff_destination: string | null;
  handoff_status: string | null;
  handoff_brief: string | null;
  voicemail: boolean;
  answered_by: string | null;
  summary: string | null;
  tags: readonly string[] | null;
  versions: Readonly<Record<string, string>> | null;
}

export interface Spread {
  p50: number;
  p95: number;
  max: number;
}

export interface CallPageJson {
  calls: readonly CallJson[];
  /** Cursor of the page after; null: these were the last. */
  next: string | null;
}

export interface WholeCallJson extends CallJson {
  conversation: readonly TurnJson[];
  events: readonly EventJson[];
  messages: readonly MessageJson[];
  reservation: ReservationJson | null;
  /** There is a recording of it to play. */
  recorded: boolean;
}

/** What one side said, as the other one heard it. */
export interface TurnJson {
  turn: number;
  at: string;
  speaker: 'caller' | 'agent' | 'tool';
  /** Null: not written down, or no longer kept. Of a tool: JSON of its name, arguments and result. */
  text: string | null;
  /** Of an agent's turn: the words after `text`, which the caller did not hear any more. */
  cut?: string | null;
  latencies: Readonly<Record<string, number>> | null;
}

/** Types and payloads are those of the journal; a payload is empty once it is no longer kept. */
export interface EventJson {
  seq: number;
  at: string;
  type: string;
  payload: unknown;
}

export interface MessageJson {
  id: string;
  created_at: string;
  kind: 'voicemail' | 'message';
  destination: string | null;
  name: string | null;
  phone_last4: string | null;
  text: string | null;
  recording_s: number | null;
}

export interface ReservationJson {
  id: string;
  status: string;
  party_size: number;
  date: string;
  time: string;
  name: string | null;
  phone_last4: string | null;
  note: string | null;
}

/** A call that nobody has ended for so long has been forgotten: its process died. */
const LONGEST_CALL_MS = 4 * 3_600_000;

/** @param now ms since 1970 */
export function isLive(call: CallJson, now: number): boolean {
  if (call.outcome !== null || call.ended_at !== null) return false;
  return now - Date.parse(call.started_at) < LONGEST_CALL_MS;
}
