import type { CallInput, Continued } from '../../machines/call-protocol.ts';
import type {
  CallEventPayloads,
  CallEventType,
  ReplyNote,
  ToolNote,
} from '../journal/call-event.ts';
import type { JournalEntry } from '../journal/journal-entry.ts';
import type { TurnRow } from '../journal/schema.ts';
import { packWindows } from '../turns/packed-windows.ts';
import type { Expectation, TurnMode } from '../turns/turn-policy.ts';
import type { SpeechWindow } from '../turns/voice-activity.ts';
import type { PlaybackWatch } from '../twilio/playback.ts';
import type { Playout } from '../twilio/playout-log.ts';
import type { Turn } from '../ultravox/conversation.ts';
import type { AnswerTrace } from './answer.ts';
import type { CallRecord } from './call-record.ts';
import type { EarsTrace } from './ears.ts';
import { momentOf } from './moment.ts';
import type { TurnTiming } from './turn-clock.ts';
import { latenciesOf, stagesOf, type TurnStages } from './turn-stages.ts';

export interface CallNotesOptions {
  journal: { write(entry: JournalEntry): void };
  callSid: string;
  /** JSON, of program, model and voice. */
  versions: string;
}

/** What is written down of one call, as it happens. Words go into turns and nowhere else. */
export class CallNotes implements EarsTrace, AnswerTrace, PlaybackWatch {
  readonly #options: CallNotesOptions;
  #seq = 0;
  /** Of the answer that is being heard; it is written with its turn. */
  #stages: TurnStages | undefined;
  /** When each turn became history; its transcript comes later and does not move it. */
  readonly #turnsAt: number[] = [];

  constructor(options: CallNotesOptions) {
    this.#options = options;
  }

  /** When it began is known already: the journal keeps the moment of a call's first entry. */
  began(language: string, input: CallInput, continued?: Continued): void {
    const { callSid, versions } = this.#options;
    this.#options.journal.write({ kind: 'call', callSid, fields: { language, versions } });
    const { limits, personReachable } = input;
    const started = { limits: { ...limits }, personReachable, ...(continued && { continued }) };
    this.#trace('machine.started', started);
  }

  /** What the machine was told. Of what an event carries, only what is nobody's words is kept. */
  event(event: { type: string; digit?: unknown; destination?: unknown }): void {
    const { type, digit, destination } = event;
    this.#note(type, {
      // The machine is told of no other key than 0, which asks for a person.
      ...(digit !== undefined && { digit }),
      ...(destination !== undefined && { destination }),
    });
  }

  state(path: string): void {
    this.#trace('state', { path });
  }

  agentTold({ type, clip }: { type: string; clip?: string }): void {
    this.#trace('agent.told', { command: type, ...(clip && { clip }) });
  }

  earsTold({ type, to }: { type: 'attend' | 'rest'; to?: string }): void {
    this.#trace('ears.told', { command: type, ...(to && { to }) });
  }

  onWindows(windows: readonly SpeechWindow[], mode: TurnMode, expecting: Expectation): void {
    const endMs = windows.at(-1)?.endMs ?? 0;
    this.#trace('ears.windows', { endMs, mode, expecting, windows: packWindows(windows) });
  }

  onKey(): void {
    this.#trace('ears.keyed', {});
  }

  replyEnded(note: ReplyNote): void {
    this.#trace('reply.ended', note);
  }

  toolEnded(note: ToolNote): void {
    this.#trace('tool.ended', note);
  }

  playoutEnded(playout: Playout): void {
    this.#trace('playout.ended', {
      ...playout,
      beganAt: momentOf(playout.beganAt),
      endedAt: momentOf(playout.endedAt),
      sent: playout.sent.map(([at, ms]) => [momentOf(at), ms]),
      marks: playout.marks.map(([offsetMs, at, back]) => [
        offsetMs,
        momentOf(at),
        back === null ? null : momentOf(back),
      ]),
    });
  }

  answered(timing: TurnTiming): void {
    this.#stages = stagesOf(timing);
    this.#trace('turn.answered', { ...timing });
  }

  /** @returns what was written down */
  turn(turn: Turn, index: number, language: string): TurnRow {
    const { callSid, journal } = this.#options;
    this.#turnsAt[index] ??= Date.now();
    const row: TurnRow = {
      call_sid: callSid,
      turn: index,
      at: this.#turnsAt[index],
      speaker: turn.speaker,
      text: textOf(turn),
      cut: (turn.speaker === 'agent' && turn.cut) || null,
      language,
      latencies: null,
    };
    if (turn.speaker === 'agent' && this.#stages) {
      row.latencies = JSON.stringify(this.#stages);
      this.#stages = undefined;
    }
    journal.write({ kind: 'turn', row });
    return row;
  }

  ended(record: CallRecord): void {
    const { callSid, journal } = this.#options;
    const isHandoff = record.outcome === 'handedOff' || record.outcome === 'voicemail';
    const fields = {
      ended_at: Date.now(),
      duration_ms: record.durationMs,
      outcome: record.outcome,
      outcome_is_own: 1,
      reason: record.reason,
      language: record.language,
      turns: record.turns,
      interruptions: record.interruptions,
      reprompts: record.reprompts,
      failures: record.failures,
      dead_air_ms: Math.round(record.deadAirMs),
      latencies: JSON.stringify(latenciesOf(record.turnTimings.map(stagesOf))),
      tool_calls: JSON.stringify(record.toolCalls),
      reservation_id: record.reservationIds.at(-1) ?? null,
      handoff_destination: record.destination,
      handoff_brief: (isHandoff && record.brief) || null,
    };
    journal.write({ kind: 'call', callSid, fields });
  }

  /** What is found out once nobody waits any more. */
  summarised(summary: string | null, tags: readonly string[]): void {
    const { callSid, journal } = this.#options;
    const fields = { summary, tags: JSON.stringify(tags) };
    journal.write({ kind: 'call', callSid, fields });
  }

  #trace<Type extends CallEventType>(type: Type, payload: CallEventPayloads[Type]): void {
    this.#note(type, payload);
  }

  #note(type: string, payload: object): void {
    const { callSid, journal } = this.#options;
    if (this.#seq >= MAX_EVENTS) return;
    const seq = this.#seq++;
    const row = { call_sid: callSid, seq, at: Date.now(), type, payload: JSON.stringify(payload) };
    journal.write({ kind: 'event', row });
  }
}

/** A call of 50 turns makes a few thousand. */
const MAX_EVENTS = 20_000;

/** Without telephone numbers, which are for the book and not for the record of what was said. */
function withoutNumbers(argumentsJson: string): string {
  const masked = JSON.parse(argumentsJson, (key, value: unknown) => {
    if (NUMBERS.has(key)) return '…';
    return typeof value === 'string' ? value.replace(/\d{6,}/g, '…') : value;
  });
  return JSON.stringify(masked);
}

const NUMBERS = new Set(['phone', 'last_digits']);

/** Null until the caller's words have been written down. */
function textOf(turn: Turn): string | null {
  if (turn.speaker === 'agent') return turn.text;
  if (turn.speaker === 'tool') {
    const { name, argumentsJson, result } = turn;
    return JSON.stringify({ name, arguments: withoutNumbers(argumentsJson), result });
  }
  const keys = turn.digits ? keysPressed(turn.digits.length) : undefined;
  if (turn.transcript === undefined && turn.mulaw) return null;
  return [turn.transcript, keys].filter(Boolean).join(' ');
}

/** Not which: they may be a telephone number. */
function keysPressed(count: number): string {
  return count === 1 ? '(1 key pressed)' : `(${count} keys pressed)`;
}
