/** Records as the API shows them: readable moments, and no phone number. */
import type { CallRecord, WholeCall } from '../journal/call-list.ts';

type View = Readonly<Record<string, unknown>>;

export function callView(record: CallRecord): View {
  // The key finds a caller's other records: it stays in the house.
  const { caller_key: _, ...shown } = record;
  return {
    ...shown,
    started_at: momentOf(record.started_at),
    ended_at: momentOf(record.ended_at),
    outcome_is_own: record.outcome_is_own === 1,
    voicemail: record.voicemail === 1,
  };
}

export function wholeCallView({ call, turns, events, messages, reservation }: WholeCall): View {
  return {
    ...callView(call),
    conversation: turns.map(({ call_sid: _, ...turn }) => ({ ...turn, at: momentOf(turn.at) })),
    events: events.map(({ call_sid: _, ...event }) => ({ ...event, at: momentOf(event.at) })),
    messages: messages.map(({ call_sid: _, phone, ...message }) => {
      const created_at = momentOf(message.created_at);
      return { ...message, created_at, phone_last4: phone?.slice(-4) ?? null };
    }),
    reservation: reservation ? reservationView(reservation) : null,
  };
}

function reservationView(reservation: NonNullable<WholeCall['reservation']>): View {
  const { id, status, party_size, date, time, name, phone_last4, note } = reservation;
  return { id, status, party_size, date, time, name, phone_last4, note };
}

function momentOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
