/** A call's records as lanes of spans and points in time. Pure. */
import type { EventJson, WholeCallJson } from './call-json.ts';
import { type Answer, readAnswer, withTools } from './latency-parts.ts';
import { Payload } from './payload.ts';
import { type PlayoutSpan, readPlayout } from './playout-span.ts';
import { turnSpans } from './turn-spans.ts';
import { placeWindows, type VoiceWindow } from './voice-windows.ts';
import type { TimeRange } from './zoom.ts';

/** All of it in ms from the call's beginning, but for `startedAt`. */
export interface Timeline {
  /** ms since 1970 */
  startedAt: number;
  endMs: number;
  /** Where its recording begins: with the caller's first sample. */
  recordingMs: number;
  windows: readonly VoiceWindow[];
  states: readonly StateBand[];
  playouts: readonly PlayoutSpan[];
  replies: readonly ReplySpan[];
  tools: readonly ToolSpan[];
  ticks: readonly Tick[];
  answers: readonly Answer[];
  /** When each turn of the conversation was said; undefined where nothing tells. */
  turns: readonly (TimeRange | undefined)[];
}

export interface StateBand extends TimeRange {
  path: string;
}

/** One request to the engine; of moments that never came there is none. */
export interface ReplySpan {
  askedMs: number;
  startedMs: number | undefined;
  firstTokenMs: number | undefined;
  endedMs: number;
  priority: string;
  how: string;
  ofResult: boolean;
}

export interface ToolSpan extends TimeRange {
  name: string;
  accepted: boolean;
}

/** An event that the call machine was told of, or a key. */
export interface Tick {
  atMs: number;
  seq: number;
  type: string;
}

/** What is drawn in lanes of its own, or says what a state says. */
const NO_TICKS = new Set([
  'machine.started',
  'state',
  'agent.told',
  'ears.told',
  'ears.windows',
  'turn.answered',
  'reply.ended',
  'speculation.ended',
  'tool.ended',
  'playout.ended',
]);

/** @param now ms since 1970: how far a call that goes on has come */
export function timelineOf(call: WholeCallJson, now?: number): Timeline {
  const startedAt = Date.parse(call.events[0]?.at ?? call.started_at);
  const rows = call.events.map((event) => ({ event, atMs: Date.parse(event.at) - startedAt }));
  const of = <Made>(type: string, make: Make<Made>): Made[] =>
    rows.flatMap(({ event, atMs }) => {
      if (event.type !== type) return [];
      return make(new Payload(event.payload), atMs, startedAt) ?? [];
    });
  const voice = placeWindows(of('ears.windows', readWindows));
  const playouts = of('playout.ended', readPlayout);
  const fills = of('agent.told', (told, atMs) =>
    told.text('command') === 'fill' ? atMs : undefined,
  );
  const lastMs = rows.at(-1)?.atMs ?? 0;
  const endMs = Math.max(lastMs, now === undefined ? 0 : now - startedAt);
  const tools = of('tool.ended', readTool);
  const replies = of('reply.ended', readReply);
  const ticks = rows.flatMap(({ event, atMs }) => readTick(event, atMs));
  const sides = { ticks, playouts, fills, tools };
  return {
    startedAt,
    endMs,
    recordingMs: voice.originMs ?? 0,
    windows: voice.windows,
    states: statesOf(of('state', readState), endMs),
    playouts,
    replies,
    tools,
    ticks,
    answers: of('turn.answered', readAnswer).map((answer) => withTools(answer, replies, tools)),
    turns: turnSpans(call.conversation, startedAt, sides),
  };
}

type Make<Made> = (payload: Payload, atMs: number, startedAt: number) => Made | undefined;

function readWindows(payload: Payload, atMs: number) {
  const endMs = payload.number('endMs');
  const windows = payload.text('windows');
  return endMs === undefined || windows === undefined ? undefined : { atMs, endMs, windows };
}

function readState(payload: Payload, atMs: number) {
  const path = payload.text('path');
  return path === undefined ? undefined : { path, atMs };
}

/** Each state lasts until the next one. */
function statesOf(entered: readonly { path: string; atMs: number }[], endMs: number): StateBand[] {
  return entered.map(({ path, atMs }, i) => ({
    path,
    fromMs: atMs,
    toMs: entered[i + 1]?.atMs ?? Math.max(endMs, atMs),
  }));
}

function readReply(payload: Payload, _atMs: number, startedAt: number): ReplySpan | undefined {
  const since = (name: string) => {
    const at = payload.number(name);
    return at === undefined ? undefined : at - startedAt;
  };
  const askedMs = since('askedAt');
  const endedMs = since('endedAt');
  if (askedMs === undefined || endedMs === undefined) return undefined;
  return {
    askedMs,
    endedMs,
    startedMs: since('startedAt'),
    firstTokenMs: since('firstTokenAt'),
    priority: payload.text('priority') ?? '',
    how: payload.text('how') ?? '',
    ofResult: payload.flag('ofResult'),
  };
}

function readTool(payload: Payload, _atMs: number, startedAt: number): ToolSpan | undefined {
  const beganAt = payload.number('beganAt');
  const endedAt = payload.number('endedAt');
  if (beganAt === undefined || endedAt === undefined) return undefined;
  return {
    fromMs: beganAt - startedAt,
    toMs: endedAt - startedAt,
    name: payload.text('name') ?? 'tool',
    accepted: payload.flag('accepted'),
  };
}

function readTick({ seq, type }: EventJson, atMs: number): Tick[] {
  return NO_TICKS.has(type) ? [] : [{ atMs, seq, type }];
}
