/** Rows and entries of a journal, whole but for what a test is about. */
import type { JournalEntry } from '../../src/journal/journal-entry.ts';
import type {
  CallEventRow,
  CallRow,
  MessageRow,
  ReservationRow,
  TurnRow,
} from '../../src/journal/schema.ts';
import type { StampedEntry } from '../../src/journal/write-entries.ts';

export const AT = Date.UTC(2026, 10, 25, 12);

export function callRow(row: Partial<CallRow> & { call_sid: string }): CallRow {
  return {
    direction: 'inbound',
    caller_key: null,
    caller_last4: null,
    started_at: AT,
    ended_at: null,
    duration_ms: null,
    outcome: null,
    outcome_is_own: 0,
    reason: null,
    language: null,
    turns: 0,
    interruptions: 0,
    reprompts: 0,
    failures: 0,
    dead_air_ms: null,
    latencies: null,
    speculation: null,
    tool_calls: null,
    reservation_id: null,
    handoff_destination: null,
    handoff_status: null,
    handoff_brief: null,
    voicemail: 0,
    answered_by: null,
    summary: null,
    tags: null,
    versions: null,
    epoch: 0,
    ...row,
  };
}

export function turnRow(row: Partial<TurnRow> = {}): TurnRow {
  return {
    call_sid: 'CA1',
    turn: 0,
    at: AT,
    speaker: 'agent',
    text: 'Hello.',
    cut: null,
    language: 'en',
    latencies: null,
    ...row,
  };
}

export function eventRow(row: Partial<CallEventRow> = {}): CallEventRow {
  return { call_sid: 'CA1', seq: 0, at: AT, type: 'caller.spoke', payload: '{}', ...row };
}

export function messageRow(row: Partial<MessageRow> = {}): MessageRow {
  return {
    id: 'M1',
    call_sid: 'CA1',
    created_at: AT,
    kind: 'message',
    destination: null,
    name: null,
    phone: null,
    text: null,
    recording_url: null,
    recording_s: null,
    ...row,
  };
}

export function reservationRow(row: Partial<ReservationRow> & { id: string }): ReservationRow {
  return {
    call_sid: 'CA1',
    status: 'confirmed',
    party_size: 2,
    date: '2026-11-26',
    time: '19:30',
    starts_at: AT + 86_400_000,
    ends_at: AT + 86_400_000 + 7_200_000,
    name: null,
    name_key: null,
    phone: null,
    phone_last4: null,
    note: null,
    expires_at: null,
    created_at: AT,
    updated_at: AT,
    ...row,
  };
}

/** As a journal numbers them. */
export function stamped(entries: readonly JournalEntry[]): StampedEntry[] {
  return entries.map((entry, index) => ({ n: index + 1, at: AT + index, entry }));
}
