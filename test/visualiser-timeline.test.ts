import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packWindows } from '../src/turns/packed-windows.ts';
import { isLive } from '../src/visualiser/page/call-json.ts';
import { exactSpan, exactTime } from '../src/visualiser/page/exact-time.ts';
import { across, along, found } from '../src/visualiser/page/lane-cursor.ts';
import { type LaneItem, laneItems } from '../src/visualiser/page/lane-items.ts';
import { itemAt, laneLayout, rowBox, xOf } from '../src/visualiser/page/lane-layout.ts';
import { latencyScale, latencyTicks } from '../src/visualiser/page/latency-parts.ts';
import { playedSpans, splitAfter } from '../src/visualiser/page/playout-span.ts';
import { timelineOf } from '../src/visualiser/page/timeline.ts';
import { transcriptTurns } from '../src/visualiser/page/transcript-turns.ts';
import { EventRows, recordedCall, STARTED_AT, wholeCallJson } from './support/call-json.ts';

const call = recordedCall();
const timeline = timelineOf(call);
const items = laneItems(timeline, call.conversation);

function kindsOf(
  lane: LaneItem['lane'],
  of = items,
): [kind: string, fromMs: number, toMs: number][] {
  return of
    .filter((item) => item.lane === lane)
    .map(({ kind, fromMs, toMs }) => [kind, fromMs, toMs]);
}

test('a call begins with its first event, and not with the ringing before', () => {
  assert.equal(timeline.startedAt, STARTED_AT);
  assert.equal(timeline.endMs, 6400);
  assert.equal(timelineOf(call, STARTED_AT + 8000).endMs, 8000);
});

test('each state lasts until the next one, and the last to the end', () => {
  assert.deepEqual(timeline.states.slice(0, 2), [
    { path: 'conversation.greeting', fromMs: 0, toMs: 2000 },
    { path: 'conversation.listening.waiting', fromMs: 2000, toMs: 2500 },
  ]);
  assert.equal(timelineOf(call, STARTED_AT + 8000).states.at(-1)?.toMs, 8000);
});

test('main states are one band each, with what is inside of them below', () => {
  const states = items.filter(({ lane }) => lane === 'states');
  assert.deepEqual(
    states.filter(({ row }) => row === 0).map(({ label, kind }) => [label, kind]),
    [
      ['greeting', 'state agent'],
      ['listening', 'state caller'],
      ['thinking', 'state thinking'],
      ['speaking', 'state agent'],
      ['bargeIn', 'state bargeIn'],
      ['listening', 'state caller'],
    ],
  );
  const inner = states.filter(({ row }) => row === 1).map(({ label }) => label);
  assert.deepEqual(inner.slice(0, 2), ['waiting', 'hearing · talking']);
});

test('what was sent but cut is told apart from what was heard', () => {
  assert.deepEqual(kindsOf('agent'), [
    ['heard', 0, 2000],
    ['heard', 5000, 6000],
    ['sent', 6000, 6400],
    ['cut', 6000, 6000],
  ]);
  const cut = items.find(({ kind }) => kind === 'cut');
  assert.equal(cut?.text, 'Cut by clear at 0:06.000, after 1.0 s, 3.0 s never heard');
});

test('a request to the engine is its queue, its first token and its writing', () => {
  assert.deepEqual(kindsOf('engine').slice(0, 3), [
    ['queue', 4200, 4210],
    ['first-token', 4210, 4400],
    ['writing', 4400, 4550],
  ]);
});

test('requests that overlap have rows of their own, and none more than there are', () => {
  const rows = new EventRows();
  for (let i = 0; i < 6; i++) {
    rows.add(1000, 'reply.ended', {
      priority: 'speculative',
      ofResult: false,
      askedAt: STARTED_AT + i,
      startedAt: null,
      firstTokenAt: null,
      firstClauseAt: null,
      firstSoundAt: null,
      endedAt: STARTED_AT + 1000,
      how: 'cancelled',
    });
  }
  const engine = laneItems(timelineOf(wholeCallJson(rows.rows)), []);
  assert.deepEqual(
    engine.map(({ row, kind }) => [row, kind]),
    [0, 1, 2, 2, 2, 2].map((row) => [row, 'queue speculative cancelled']),
  );
});

test('a mark that never came back is told so', () => {
  assert.deepEqual(kindsOf('marks'), [
    ['mark', 0, 100],
    ['mark lost', 2000, 2000],
    ['mark', 5000, 5100],
    ['mark lost', 6000, 6000],
  ]);
});

test('events that are drawn elsewhere are no ticks', () => {
  const events = kindsOf('events').map(([kind]) => kind);
  assert.equal(events.length, 10);
  assert.ok(events.includes('tick barge-in'));
});

test('each turn has the time in which it was said; a cough before it is no part of it', () => {
  assert.deepEqual(timeline.turns, [
    { fromMs: 0, toMs: 2000 },
    { fromMs: 3000, toMs: 4500 },
    { fromMs: 4510, toMs: 4600 },
    { fromMs: 5000, toMs: 6000 },
  ]);
});

test('what is said into the silence is nobody’s turn', () => {
  const rows = new EventRows()
    .add(3000, 'agent.told', { command: 'fill', clip: 'filler' })
    .add(3800, 'playout.ended', {
      generation: 1,
      beganAt: STARTED_AT + 3001,
      endedAt: STARTED_AT + 3800,
      how: 'echoed',
      writtenMs: 800,
      heardMs: 800,
      sent: [[STARTED_AT + 3001, 800]],
      marks: [],
    });
  const events = [...recordedCall().events, ...rows.rows];
  const turns = [...call.conversation, { ...call.conversation[3]!, at: call.events.at(-1)!.at }];
  assert.equal(timelineOf({ ...call, events, conversation: turns }).turns.at(-1), undefined);
});

test('a sound in the lanes leads to its turn', () => {
  const heard = items.filter(({ kind }) => kind === 'heard').map(({ turn }) => turn);
  assert.deepEqual(heard, [0, 3]);
  assert.equal(items.find(({ lane }) => lane === 'tools')?.turn, 2);
});

test('the transcript knows how much of an interrupted turn was never heard', () => {
  assert.deepEqual(
    transcriptTurns(call, timeline).map(({ unheardMs }) => unheardMs),
    [0, 0, 0, 3000],
  );
});

test('an answer’s time has its tool and the request that called it, with their overlap', () => {
  const [answer] = timeline.answers;
  assert.deepEqual(
    answer?.parts.map(({ stage, fromMs, toMs }) => [stage, fromMs, toMs]),
    [
      ['queue', 200, 210],
      ['firstToken', 210, 400],
      ['tool', 510, 600],
      ['endpoint', 0, 500],
      ['queue', 610, 615],
      ['firstToken', 615, 800],
      ['voice', 850, 990],
      ['wire', 990, 1000],
    ],
  );
  assert.deepEqual(latencyScale(timeline.answers), { fromMs: 0, toMs: 1100 });
  assert.deepEqual(latencyScale([]), { fromMs: 0, toMs: 700 });
  assert.deepEqual(latencyTicks({ fromMs: 0, toMs: 1100 }), [0, 200, 400, 600, 800, 1000]);
});

test('a call whose payloads are no longer kept is shown by its events', () => {
  const events = call.events.map((event) => ({ ...event, payload: {} }));
  const bare = timelineOf({ ...call, events });
  assert.deepEqual(bare.states, []);
  assert.deepEqual(bare.answers, []);
  assert.equal(bare.ticks.length, timeline.ticks.length);
  for (const payload of [null, 'text', 7, []]) {
    timelineOf({ ...call, events: events.map((event) => ({ ...event, payload })) });
  }
});

test('a call without any event has a timeline, too', () => {
  const empty = timelineOf(wholeCallJson([]));
  assert.equal(empty.endMs, 0);
  assert.deepEqual(laneItems(empty, []), []);
});

test('the recording begins with the caller’s first sample', () => {
  const windows = packWindows([{ endMs: 0, probability: 1, levelDb: -20, pitchHz: 0, echo: 0 }]);
  const note = { endMs: 32, mode: 'listening', expecting: 'open', windows };
  const { rows } = new EventRows().told(0, 'line.started').add(52, 'ears.windows', note);
  const shown = timelineOf(wholeCallJson(rows));
  assert.equal(shown.recordingMs, 20);
  assert.deepEqual(kindsOf('caller', laneItems(shown, [])), [['voice', 20, 52]]);
});

test('messages sent ahead play one after the other, and late ones leave a gap', () => {
  const sent = [0, 0, 0, 100, 700].map((atMs) => ({ atMs, ms: 100 }));
  const spans = playedSpans(sent);
  assert.deepEqual(spans, [
    { fromMs: 0, toMs: 400 },
    { fromMs: 700, toMs: 800 },
  ]);
  assert.deepEqual(splitAfter(spans, 450), {
    heard: [
      { fromMs: 0, toMs: 400 },
      { fromMs: 700, toMs: 750 },
    ],
    unheard: [{ fromMs: 750, toMs: 800 }],
  });
  assert.deepEqual(splitAfter(spans, 0), { heard: [], unheard: spans });
});

test('keys go along a lane and across to what is nearest in time', () => {
  const [first] = items.filter(({ lane }) => lane === 'states');
  const start = along(items, { lane: 'states', item: undefined }, 1);
  assert.equal(start.item, first);
  const later = along(items, along(items, start, 1), 1);
  assert.ok((later.item?.fromMs ?? 0) > 0);
  const engine = across(items, later, 1, 4600);
  assert.equal(engine.item?.text.startsWith('In the queue'), true);
  assert.equal(engine.item?.fromMs, 4610);
  assert.equal(along(items, start, -1).item, first);
  assert.equal(across(items, { lane: 'caller', item: undefined }, -1, 0).lane, 'caller');
  const again = laneItems(timeline, call.conversation);
  assert.equal(again.indexOf(found(again, engine).item!), items.indexOf(engine.item!));
});

test('what is pointed at is found where it is drawn, a point before the bar below it', () => {
  const layout = laneLayout(1000, { fromMs: 0, toMs: 6400 }, items);
  for (const item of items) {
    const { y, height } = rowBox(layout, item);
    const x = xOf(layout, (item.fromMs + item.toMs) / 2);
    const met = itemAt(layout, items, x, y + height / 2);
    assert.equal(met?.lane, item.lane);
    assert.ok(met.toMs - met.fromMs <= item.toMs - item.fromMs);
  }
  assert.equal(itemAt(layout, items, xOf(layout, 3500), 5), undefined);
});

test('times are told to the millisecond', () => {
  assert.equal(exactTime(7482), '0:07.482');
  assert.equal(exactTime(59_999.6), '1:00.000');
  assert.equal(exactTime(-20), '−0:00.020');
  assert.equal(exactSpan(7482, 8030), '0:07.482 to 0:08.030 (548 ms)');
});

test('a call without an end is live, until that cannot be any more', () => {
  const began = Date.parse(call.started_at);
  assert.equal(isLive(call, began + 60_000), true);
  assert.equal(isLive(call, began + 5 * 3_600_000), false);
  assert.equal(isLive({ ...call, outcome: 'completed' }, began + 60_000), false);
});
