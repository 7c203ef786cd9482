import type { CallInput, Continued } from '../../machines/call-protocol.ts';
import type {
  CallEventPayloads,
  CallEventType,
  ReplyNote,
  SpeculationNote,
  ToolNote,
} from '../journal/call-event.ts';
import type { Continuation } from '../journal/continuation.ts';
import type { JournalEntry } from '../journal/journal-entry.ts';
import type { CallRow, TurnRow } from '../journal/schema.ts';
import { packWindows } from '../turns/packed-windows.ts';
import type { Expectation, TurnMode } from '../turns/turn-policy.ts';
import type { SpeechWindow } from '../turns/voice-activity.ts';
import type { PlaybackWatch } from '../twilio/playback.ts';
import type { Playout } from '../twilio/playout-log.ts';
import type { Turn } from '../ultravox/conversation.ts';
import type { AnswerTrace } from './answer-trace.ts';
import type { CallRecord } from './call-record.ts';
import type { EarsTrace } from './ears-trace.ts';
import { momentOf } from './moment.ts';
import type { TurnTiming } from './turn-clock.ts';
import { TurnSounds } from './turn-sounds.ts';
import { latenciesOf, stagesOf, type TurnStages } from './turn-stages.ts';

export interface CallNotesOptions {
  journal: { write(entry: JournalEntry): void };
  callSid: string;
  /** JSON, of program, model and voice. */
  versions: string;
  /** Of a call that goes on: its numbers do, too. */
  earlier?: Continuation | undefined;
}

/** What is written down of one call, as it happens. Words go into turns and nowhere else. */
export class CallNotes implements EarsTrace, AnswerTrace, PlaybackWatch {
  readonly #options: CallNotesOptions;
  readonly #epoch: number;
  readonly #lastSeq: number;
  #seq: number;
  /** Of the answer that becomes audible; it is written with its turn. */
  #stages: TurnStages | undefined;
  #latencies: { turn: number; stages: string } | undefined;
  /** When each turn became history; its transcript comes later and does not move it. */
  readonly #turnsAt = new Map<number, number>();
  readonly #sounds: TurnSounds;

  constructor(options: CallNotesOptions) {
    const { callSid, journal, earlier } = options;
    this.#options = options;
    this.#epoch = earlier?.epoch ?? 0;
    this.#seq = earlier?.nextSeq ?? 0;
    this.#lastSeq = this.#seq + MAX_EVENTS;
    for (const { row } of earlier?.turns ?? []) this.#turnsAt.set(row.turn, row.at);
    this.#sounds = new TurnSounds((turn, mulaw) => {
      journal.write({ kind: 'sound', callSid, epoch: this.#epoch, turn, mulaw });
    }, earlier);
  }

  /** When it began is known already: the journal keeps the moment of a call's first entry. */
  began(language: string, input: CallInput, continued?: Continued): void {
    // What a call began with is told by its first life.
    if (!continued) this.#setFields({ language, versions: this.#options.versions });
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

  onWindows(
    windows: readonly SpeechWindow[],
    mode: TurnMode,
    expecting: Expectation,
    reason?: string,
  ): void {
    const endMs = windows.at(-1)?.endMs ?? 0;
    const packed = packWindows(windows);
    const note = { endMs, mode, expecting, ...(reason !== undefined && { reason }) };
    this.#trace('ears.windows', { ...note, windows: packed });
  }

  onBelief(complete: number): void {
    this.#trace('ears.believed', { complete });
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

  speculationEnded(note: SpeculationNote): void {
    this.#trace('speculation.ended', note);
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
    const at = this.#turnsAt.get(index) ?? Date.now();
    this.#turnsAt.set(index, at);
    if (turn.speaker === 'agent' && this.#stages) {
      this.#latencies = { turn: index, stages: JSON.stringify(this.#stages) };
      this.#stages = undefined;
    }
    const row: TurnRow = {
      call_sid: callSid,
      turn: index,
      at,
      speaker: turn.speaker,
      text: textOf(turn),
      cut: (turn.speaker === 'agent' && turn.cut) || null,
      language,
      latencies: this.#latencies?.turn === index ? this.#latencies.stages : null,
    };
    this.#sounds.beforeTurn(turn, index);
    journal.write({ kind: 'turn', row, epoch: this.#epoch });
    this.#sounds.afterTurn(turn, index);
    return row;
  }

  /** The caller's turn is over and waits for its answer. @param turn the number that it will have */
  callerFinished(mulaw: Uint8Array, turn: number): void {
    this.#sounds.finished(mulaw, turn);
  }

  ended(record: CallRecord): void {
    const isHandoff = record.outcome === 'handedOff' || record.outcome === 'voicemail';
    this.#setFields({
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
      speculation: JSON.stringify(record.speculation),
      tool_calls: JSON.stringify(record.toolCalls),
      reservation_id: record.reservationIds.at(-1) ?? null,
      handoff_destination: record.destination,
      handoff_brief: (isHandoff && record.brief) || null,
    });
  }

  /** What is found out once nobody waits any more. */
  summarised(summary: string | null, tags: readonly string[]): void {
    this.#setFields({ summary, tags: JSON.stringify(tags) });
  }

  #setFields(fields: Partial<Omit<CallRow, 'call_sid' | 'epoch'>>): void {
    const { callSid, journal } = this.#options;
    journal.write({ kind: 'call', callSid, fields, epoch: this.#epoch });
  }

  #trace<Type extends CallEventType>(type: Type, payload: CallEventPayloads[Type]): void {
    this.#note(type, payload);
  }

  #note(type: string, payload: object): void {
    const { callSid, journal } = this.#options;
    if (this.#seq >= this.#lastSeq) return;
    const seq = this.#seq++;
    const row = { call_sid: callSid, seq, at: Date.now(), type, payload: JSON.stringify(payload) };
    journal.write({ kind: 'event', row, epoch: this.#epoch });
  }
}

/** Of one life; a call of 50 turns makes a few thousand. */
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
