/** A short call as the page gets it: a greeting, a question that is answered with a tool, a barge-in. */
import type { CallEventPayloads } from '../../src/journal/call-event.ts';
import type { EventJson, TurnJson, WholeCallJson } from '../../src/visualiser/page/call-json.ts';

/** When it began, ms since 1970. */
export const STARTED_AT = Date.parse('2026-11-25T18:00:00.000Z');

type Payload<Type extends string> = Type extends keyof CallEventPayloads
  ? CallEventPayloads[Type]
  : Record<string, never>;

/** Rows of the journal, as `[ms from the beginning, type, payload]`. */
export class EventRows {
  readonly rows: EventJson[] = [];

  add<Type extends string>(ms: number, type: Type, payload: Payload<Type>): this {
    const at = new Date(STARTED_AT + ms).toISOString();
    this.rows.push({ seq: this.rows.length, at, type, payload });
    return this;
  }

  /** Events of the call machine, which carry nothing. */
  told(ms: number, ...types: string[]): this {
    for (const type of types) this.add(ms, type, {});
    return this;
  }
}

export function turnJson(
  turn: number,
  ms: number,
  speaker: TurnJson['speaker'],
  text: string | null,
  cut: string | null = null,
): TurnJson {
  const at = new Date(STARTED_AT + ms).toISOString();
  return { turn, at, speaker, text, cut, latencies: null };
}

export function wholeCallJson(
  events: readonly EventJson[],
  conversation: readonly TurnJson[] = [],
): WholeCallJson {
  return {
    call_sid: `CA${'1'.repeat(32)}`,
    direction: 'inbound',
    caller_last4: '4567',
    started_at: new Date(STARTED_AT - 200).toISOString(),
    ended_at: null,
    duration_ms: null,
    outcome: null,
    reason: null,
    language: 'en',
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
    voicemail: false,
    answered_by: null,
    summary: null,
    tags: null,
    versions: null,
    conversation,
    events,
    messages: [],
    reservation: null,
    recorded: false,
  };
}

/** Absolute moments of a payload. */
function at(ms: number): number {
  return STARTED_AT + ms;
}

/** The agent is cut after 1 s of 4 s at 9000 ms; of the tool's answer the caller hears all. */
export function recordedCall(): WholeCallJson {
  const { rows } = new EventRows()
    .add(0, 'state', { path: 'conversation.greeting' })
    .add(0, 'agent.told', { command: 'play', clip: 'greeting' })
    .add(2000, 'playout.ended', playout(0, 2000, 'echoed', 2000, 2000))
    .told(2000, 'agent.finished')
    .add(2000, 'state', { path: 'conversation.listening.waiting' })
    .told(2500, 'caller.spoke')
    .add(2500, 'state', { path: 'conversation.listening.hearing.talking' })
    .told(2700, 'caller.ignored')
    .add(2700, 'state', { path: 'conversation.listening.waiting' })
    .told(3000, 'caller.spoke')
    .add(3000, 'state', { path: 'conversation.listening.hearing.talking' })
    .told(4200, 'caller.paused')
    .told(4500, 'caller.finished')
    .add(4500, 'state', { path: 'conversation.thinking.quiet' })
    .told(4510, 'agent.consulting')
    .add(4550, 'reply.ended', reply(4200, 4210, 4400, 4550, 'completed'))
    .add(4600, 'tool.ended', {
      name: 'check_availability',
      beganAt: at(4510),
      endedAt: at(4600),
      accepted: true,
    })
    .told(5000, 'agent.audible')
    .add(5000, 'state', { path: 'conversation.speaking' })
    .add(5000, 'turn.answered', {
      turn: 1,
      endpointReason: 'open: 520 ms of silence',
      finishedMs: 500,
      askedMs: 610,
      startedMs: 615,
      firstTokenMs: 800,
      firstClauseMs: 850,
      firstSoundMs: 990,
      audibleMs: 1000,
    })
    .add(5600, 'reply.ended', reply(4610, 4615, 4800, 5600, 'completed'))
    .told(6000, 'caller.spoke')
    .add(6000, 'state', { path: 'conversation.bargeIn' })
    .add(6000, 'playout.ended', playout(5000, 6000, 'cleared', 4000, 1000))
    .told(6400, 'caller.interrupted')
    .add(6400, 'state', { path: 'conversation.listening.hearing.talking' });
  return wholeCallJson(rows, [
    turnJson(0, 2000, 'agent', 'Good evening.'),
    turnJson(1, 5000, 'caller', 'A table for two, please.'),
    turnJson(2, 4600, 'tool', '{}'),
    turnJson(3, 6400, 'agent', 'Of course.', 'For what time?'),
  ]);
}

function reply(
  asked: number,
  started: number,
  firstToken: number,
  ended: number,
  how: CallEventPayloads['reply.ended']['how'],
): CallEventPayloads['reply.ended'] {
  return {
    priority: 'waiting',
    ofResult: false,
    askedAt: at(asked),
    startedAt: at(started),
    firstTokenAt: at(firstToken),
    firstClauseAt: null,
    firstSoundAt: null,
    endedAt: at(ended),
    how,
  };
}

/** Sent 400 ms ahead, as the pacer does. */
function playout(
  began: number,
  ended: number,
  how: CallEventPayloads['playout.ended']['how'],
  writtenMs: number,
  heardMs: number,
): CallEventPayloads['playout.ended'] {
  const messages = Math.min(writtenMs, heardMs + 400) / 100;
  return {
    generation: 1,
    beganAt: at(began),
    endedAt: at(ended),
    how,
    writtenMs,
    heardMs,
    sent: Array.from({ length: messages }, (_, i) => [at(began + Math.max(0, i - 4) * 100), 100]),
    marks: [
      [100, at(began), at(began + 100)],
      [heardMs + 400, at(ended), null],
    ],
  };
}
