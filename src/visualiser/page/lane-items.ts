/** What the lanes of a call show: bars and points, each with the words that tell it. Pure. */
import type { TurnJson } from './call-json.ts';
import { exactSpan, exactTime } from './exact-time.ts';
import { milliseconds } from './format.ts';
import type { PlayoutSpan } from './playout-span.ts';
import { stateKind } from './state-kind.ts';
import { eventName, stateLine, stateName } from './state-name.ts';
import type { ReplySpan, StateBand, Tick, Timeline } from './timeline.ts';
import { voicedSpans } from './voice-windows.ts';
import type { TimeRange } from './zoom.ts';

export const LANES = ['caller', 'agent', 'states', 'engine', 'tools', 'marks', 'events'] as const;
export type Lane = (typeof LANES)[number];

/** A point where both ends are the same. */
export interface LaneItem extends TimeRange {
  lane: Lane;
  /** Within the lane, from 0. */
  row: number;
  /** Its look: classes. */
  kind: string;
  /** Drawn into it where there is room. */
  label?: string;
  /** What it is, with its exact times. */
  text: string;
  /** Index in the conversation of the turn that it belongs to. */
  turn?: number;
}

/** Replies that overlap have rows of their own, so many at most. */
const ENGINE_ROWS = 3;

/** In each lane by time. */
export function laneItems(timeline: Timeline, conversation: readonly TurnJson[]): LaneItem[] {
  const items = [
    ...voicedSpans(timeline.windows).map(voiceItem),
    ...timeline.playouts.flatMap(playoutItems),
    ...stateItems(timeline.states),
    ...replyItems(timeline.replies),
    ...timeline.tools.map((tool): LaneItem => {
      const kind = tool.accepted ? 'tool' : 'tool refused';
      const verdict = tool.accepted ? '' : ', refused';
      const text = `${tool.name}${verdict}: ${exactSpan(tool.fromMs, tool.toMs)}`;
      return { ...spanOf(tool), lane: 'tools', row: 0, kind, label: tool.name, text };
    }),
    ...timeline.playouts.flatMap(markItems),
    ...timeline.ticks.map(tickItem),
  ];
  return items
    .map((item) => withTurn(item, timeline.turns, conversation))
    .toSorted((a, b) => a.fromMs - b.fromMs);
}

function voiceItem(span: TimeRange): LaneItem {
  const text = `Voice: ${exactSpan(span.fromMs, span.toMs)}`;
  return { ...span, lane: 'caller', row: 0, kind: 'voice', text };
}

function playoutItems(playout: PlayoutSpan): LaneItem[] {
  const { writtenMs, heardMs, how, toMs } = playout;
  const unheardMs = Math.max(0, writtenMs - heardMs);
  const share = unheardMs > 0 ? `, ${milliseconds(unheardMs)} never heard` : '';
  const bar = (kind: string, told: string) => (span: TimeRange) => {
    const text = `${told}: ${exactSpan(span.fromMs, span.toMs)}${share}`;
    return { ...span, lane: 'agent', row: 0, kind, text } as const;
  };
  const items: LaneItem[] = [
    ...playout.heard.map(bar('heard', 'Heard')),
    ...playout.unheard.map(bar('sent', 'Sent, but not heard')),
  ];
  if (how === 'cleared') {
    const text = `Cut by clear at ${exactTime(toMs)}, after ${milliseconds(heardMs)}${share}`;
    items.push({ fromMs: toMs, toMs, lane: 'agent', row: 0, kind: 'cut', text });
  }
  if (how === 'overdue') {
    const text = `The last mark did not come back until ${exactTime(toMs)}`;
    items.push({ fromMs: toMs, toMs, lane: 'agent', row: 0, kind: 'overdue', text });
  }
  return items;
}

/** Main states above, what is inside of them below. */
function stateItems(states: readonly StateBand[]): LaneItem[] {
  const mains: StateBand[] = [];
  for (const state of states) {
    const last = mains.at(-1);
    if (last && stateName(last.path).name === stateName(state.path).name) last.toMs = state.toMs;
    else mains.push({ ...state });
  }
  const band = (state: StateBand, row: number): LaneItem => {
    const { name, detail } = stateName(state.path);
    const label = row === 0 ? name : detail;
    const told = row === 0 ? name : stateLine(state.path);
    const text = `${told}: ${exactSpan(state.fromMs, state.toMs)}`;
    const kind = `state ${stateKind(state.path)}${row > 0 ? ' inner' : ''}`;
    return { ...spanOf(state), lane: 'states', row, kind, label, text };
  };
  return [
    ...mains.map((state) => band(state, 0)),
    ...states.filter(({ path }) => stateName(path).detail !== '').map((state) => band(state, 1)),
  ];
}

function replyItems(replies: readonly ReplySpan[]): LaneItem[] {
  const freeAtMs: number[] = [];
  return replies
    .toSorted((a, b) => a.askedMs - b.askedMs)
    .flatMap((reply) => {
      const free = freeAtMs.findIndex((ms) => ms <= reply.askedMs);
      const row = free >= 0 ? free : Math.min(freeAtMs.length, ENGINE_ROWS - 1);
      freeAtMs[row] = Math.max(freeAtMs[row] ?? 0, reply.endedMs);
      return stagesOf(reply, row);
    });
}

function stagesOf(reply: ReplySpan, row: number): LaneItem[] {
  const { askedMs, startedMs, firstTokenMs, endedMs, priority, how, ofResult } = reply;
  const look = [priority === 'speculative' && 'speculative', how !== 'completed' && how];
  const kinds = look.filter(Boolean).join(' ');
  const about = [priority, ofResult && 'of a tool’s result', how].filter(Boolean).join(', ');
  const stage = (kind: string, told: string, fromMs?: number, toMs = endedMs): LaneItem[] => {
    if (fromMs === undefined) return [];
    const text = `${told} (${about}): ${exactSpan(fromMs, toMs)}`;
    return [{ fromMs, toMs, lane: 'engine', row, kind: `${kind} ${kinds}`.trim(), text }];
  };
  return [
    ...stage('queue', 'In the queue', askedMs, startedMs),
    ...stage('first-token', 'Until the first token', startedMs, firstTokenMs),
    ...stage('writing', 'Writing and speaking', firstTokenMs),
  ];
}

function markItems({ marks }: PlayoutSpan): LaneItem[] {
  return marks.map(({ sentMs, echoedMs }) => {
    const isLost = echoedMs === null;
    const text = isLost
      ? `Mark sent at ${exactTime(sentMs)}, never echoed`
      : `Mark sent and echoed: ${exactSpan(sentMs, echoedMs)}`;
    const span = { fromMs: sentMs, toMs: echoedMs ?? sentMs };
    return { ...span, lane: 'marks', row: 0, kind: isLost ? 'mark lost' : 'mark', text };
  });
}

function tickItem({ atMs, type }: Tick): LaneItem {
  const text = `${eventName(type)} at ${exactTime(atMs)}`;
  return { fromMs: atMs, toMs: atMs, lane: 'events', row: 0, kind: `tick ${tickKind(type)}`, text };
}

function tickKind(type: string): string {
  if (type === 'caller.interrupted') return 'barge-in';
  if (type === 'caller.pressed' || type === 'ears.keyed') return 'key';
  if (type.startsWith('limit.') || type.startsWith('xstate.after.')) return 'timeout';
  if (type === 'agent.failed' || type === 'line.lost' || type.startsWith('xstate.error')) {
    return 'failure';
  }
  return type.split('.')[0] ?? '';
}

const SPEAKER_OF: Partial<Record<Lane, TurnJson['speaker']>> = {
  caller: 'caller',
  agent: 'agent',
  tools: 'tool',
};

function withTurn(
  item: LaneItem,
  spans: Timeline['turns'],
  conversation: readonly TurnJson[],
): LaneItem {
  const speaker = SPEAKER_OF[item.lane];
  if (!speaker) return item;
  const turn = spans.findIndex(
    (span, i) =>
      span &&
      conversation[i]?.speaker === speaker &&
      item.fromMs <= span.toMs &&
      item.toMs >= span.fromMs,
  );
  return turn < 0 ? item : { ...item, turn };
}

function spanOf({ fromMs, toMs }: TimeRange): TimeRange {
  return { fromMs, toMs };
}
