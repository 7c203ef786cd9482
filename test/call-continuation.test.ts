import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { CutOff } from '../machines/call-protocol.ts';
import { CallFigures } from '../src/call/call-figures.ts';
import { CallNotes } from '../src/call/call-notes.ts';
import { cutOffOf, owedWords } from '../src/call/cut-off.ts';
import { earlierLife, earlierTurns } from '../src/call/earlier-life.ts';
import type { Continuation, ContinuedTurn } from '../src/journal/continuation.ts';
import type { JournalEntry } from '../src/journal/journal-entry.ts';
import type { TurnRow } from '../src/journal/schema.ts';
import type { StreamStart } from '../src/twilio/media-stream.ts';
import { Conversation } from '../src/ultravox/conversation.ts';
import { turnRow } from './support/journal-rows.ts';
import { LogLines } from './support/log-lines.ts';
import { numbersIn } from './support/spoken-words.ts';
import { SteeredAgent } from './support/steered-agent.ts';
import { TEST_LIMITS } from './support/steered-call.ts';
import { settled, VirtualClock } from './support/virtual-clock.ts';

const SOUND = Uint8Array.of(1, 2, 3);
const turn = (row: Partial<TurnRow>, mulaw?: Uint8Array): ContinuedTurn => ({
  row: turnRow(row),
  ...(mulaw && { mulaw }),
});
const agent = (text: string, cut: string | null = null) => turn({ speaker: 'agent', text, cut });
const caller = (text: string | null, mulaw?: Uint8Array) =>
  turn({ speaker: 'caller', text }, mulaw);
const tool = (name: string, done: boolean, args = '{}') => {
  const result = JSON.stringify({ done });
  return turn({ speaker: 'tool', text: JSON.stringify({ name, arguments: args, result }) });
};

function continuation(known: Partial<Continuation> = {}): Continuation {
  return {
    epoch: 1,
    startedAt: 1000,
    language: 'en',
    turns: [],
    answers: 0,
    counted: [],
    deadAirMs: 0,
    path: 'connecting',
    nextSeq: 40,
    nextTurn: known.turns?.length ?? 0,
    ...known,
  };
}

describe('what a stream broke off', () => {
  const ASKED = agent('For how many?');
  const HALF = agent('There is', 'a table at eight.');
  const SAID = caller('At eight.');
  const CASES: readonly [path: string, turns: ContinuedTurn[], isPending: boolean, CutOff][] = [
    ['connecting', [], false, 'nothing'],
    ['conversation.listening.waiting', [HALF], false, 'agent'],
    ['conversation.listening.waiting', [HALF, SAID], false, 'nothing'],
    ['conversation.listening.waiting', [ASKED], true, 'nothing'],
    ['conversation.listening.hearing.talking', [ASKED], false, 'caller'],
    ['conversation.listening.hearing.paused', [HALF], true, 'caller'],
    ['conversation.thinking.quiet', [ASKED], true, 'answer'],
    ['conversation.thinking.quiet', [ASKED], false, 'caller'],
    ['conversation.thinking.consulting.brief', [ASKED, SAID], false, 'answer'],
    ['conversation.thinking.consulting.filling', [SAID, agent('Let me see.')], false, 'answer'],
    ['conversation.thinking.wording', [SAID, tool('book', true)], false, 'answer'],
    ['conversation.thinking.quiet', [SAID, HALF], false, 'agent'],
    ['conversation.speaking', [SAID, HALF], false, 'agent'],
    ['conversation.speaking', [SAID], false, 'answer'],
    ['conversation.speaking', [SAID, agent('Let me see')], false, 'answer'],
    ['conversation.speaking', [SAID, HALF, tool('book', true)], false, 'answer'],
    ['conversation.speaking', [HALF, tool('transfer_to_staff', true)], false, 'handoff'],
    ['conversation.speaking', [HALF, tool('transfer_to_staff', false)], false, 'answer'],
    ['conversation.bargeIn', [HALF], false, 'agent'],
    ['conversation.bargeIn', [], false, 'nothing'],
    ['conversation.bargeIn', [ASKED], true, 'answer'],
    ['movingOn', [SAID, ASKED], false, 'caller'],
    ['movingOn', [SAID, HALF], false, 'agent'],
    ['movingOn', [SAID, ASKED], true, 'answer'],
    ['movingOn', [], false, 'nothing'],
    ['conversation.farewell', [HALF], false, 'nothing'],
    ['timeout.asking', [HALF], false, 'nothing'],
    ['timeout.farewell', [ASKED], true, 'nothing'],
    ['handoff.announcing', [HALF], true, 'handoff'],
    ['voicemail', [HALF], false, 'handoff'],
  ];
  for (const [path, turns, isPending, expected] of CASES) {
    const last = turns.at(-1)?.row;
    const after = `${last?.speaker ?? 'nothing'}${last?.cut ? ' cut' : ''}`;
    test(`in ${path} after ${after}${isPending ? ', pending' : ''} was: ${expected}`, () => {
      const pending = isPending ? { pending: { mulaw: SOUND } } : {};
      assert.equal(cutOffOf({ path, turns, ...pending }), expected);
    });
  }

  test('words are said again from the beginning of their clause, but not too many', () => {
    const of = (text: string, cut: string | null) => owedWords({ turns: [agent(text, cut)] });
    assert.equal(
      of('Yes, we have one at', 'seven. Or at eight?'),
      'we have one at seven. Or at eight?',
    );
    assert.equal(of('Of course.', 'For how many?'), 'For how many?');
    assert.equal(of('', 'For how many?'), 'For how many?');
    assert.equal(of('Of course.', null), undefined);
    assert.equal(of('Yes.', 'so '.repeat(60)), 'so '.repeat(60).trim());
    assert.equal(of('Yes.', 'so '.repeat(61)), undefined);
    assert.equal(owedWords({ turns: [agent('There', 'is.'), caller('Hm.')] }), undefined);
  });
});

describe('the history of the lives before', () => {
  const TURNS = [
    agent('Good evening.'),
    caller('A table, please. (2 keys pressed)'),
    tool('hold_table', true, '{"phone":"…"}'),
    agent('At', 'eight?'),
    caller(null, SOUND),
    caller(null),
  ].map((each, index) => ({ ...each, row: { ...each.row, turn: index < 4 ? index : index + 1 } }));

  test('is what the model is told, and goes on with the next number', () => {
    const told: number[] = [];
    const conversation = new Conversation({
      systemPrompt: 'You answer.',
      onTurn: (_, index) => told.push(index),
    });
    conversation.takeUp(earlierTurns({ turns: TURNS }), 9);
    const messages = conversation.request();
    const roles = messages.map(({ role }) => role).join(' ');
    assert.equal(roles, 'system assistant user assistant tool assistant user user');
    const [, hello, asked, call, result, half, sound, lost] = messages;
    assert.equal(hello?.content, 'Good evening.');
    assert.equal(asked?.content, 'A table, please. (2 keys pressed)');
    assert.ok(call?.role === 'assistant' && call.tool_calls);
    assert.deepEqual(call.tool_calls[0]?.function, {
      name: 'hold_table',
      arguments: '{"phone":"…"}',
    });
    assert.equal(result?.content, '{"done":true}');
    assert.equal(half?.content, 'At');
    assert.ok(Array.isArray(sound?.content));
    assert.equal(lost?.content, '(unintelligible)');
    assert.deepEqual(told, []);
    const next = conversation.nextToTranscribe();
    assert.equal(next?.mulaw, SOUND);
    conversation.setTranscript(next?.id ?? '', 'At eight.');
    conversation.addCallerTurn({ id: 'new', mulaw: SOUND });
    assert.deepEqual(told, [5, 9]);
    assert.equal(conversation.turns.filter(({ speaker }) => speaker === 'caller').length, 4);
  });
});

describe('what another life writes down', () => {
  let written: JournalEntry[];
  const notesOf = (earlier?: Continuation) => {
    written = [];
    const journal = { write: (entry: JournalEntry) => void written.push(entry) };
    return new CallNotes({ journal, callSid: 'CA1', versions: '{}', earlier });
  };
  /** Sounds and turns, in order. */
  const told = () =>
    written.splice(0).flatMap((entry) => {
      if (entry.kind === 'sound') return `${entry.mulaw ? 'sound' : 'no sound'} ${entry.turn}`;
      return entry.kind === 'turn' ? `${entry.row.speaker} ${entry.row.turn}` : [];
    });
  const said = { speaker: 'caller', id: 'a', mulaw: SOUND } as const;

  test('has its epoch and goes on with the numbers, and says nothing of how the call began', () => {
    const notes = notesOf(continuation({ turns: [caller(null, SOUND)], startedAt: 5 }));
    const continued = { cutOff: 'agent', elapsedMs: 9000, turns: 2 } as const;
    notes.began('de', { limits: TEST_LIMITS, personReachable: true }, continued);
    notes.event({ type: 'caller.spoke' });
    notes.turn({ ...said, transcript: 'Hello.' }, 0, 'de');
    const [first, second] = written.flatMap((entry) => (entry.kind === 'event' ? [entry.row] : []));
    assert.deepEqual([first?.seq, first?.type], [40, 'machine.started']);
    assert.deepEqual(JSON.parse(first?.payload ?? '').continued, continued);
    assert.equal(second?.seq, 41);
    assert.ok(written.every(({ kind }) => kind !== 'call'));
    assert.ok(written.every((entry) => 'epoch' in entry && entry.epoch === 1));
    const row = written.flatMap((entry) => (entry.kind === 'turn' ? [entry.row] : []))[0];
    assert.equal(row?.at, turnRow({}).at, 'expected the turn to keep its moment');
  });

  test("the sound of a caller's turn is kept from its end until its words are written", () => {
    const notes = notesOf();
    notes.callerFinished(SOUND, 0);
    notes.callerFinished(SOUND.slice(), 0);
    notes.turn(said, 0, 'en');
    notes.turn({ speaker: 'agent', text: 'Yes.' }, 1, 'en');
    assert.deepEqual(told(), ['sound 0', 'caller 0', 'agent 1']);
    notes.turn({ ...said, transcript: 'Hello.' }, 0, 'en');
    notes.turn({ ...said, transcript: 'Hello.' }, 0, 'en');
    assert.deepEqual(told(), ['caller 0', 'no sound 0', 'caller 0']);
  });

  test('the turn that waits gets another number when something else is said before its answer', () => {
    const notes = notesOf(continuation({ nextTurn: 4, pending: { mulaw: SOUND } }));
    notes.callerFinished(SOUND, 4);
    assert.deepEqual(told(), []);
    notes.turn({ speaker: 'agent', text: 'Sorry.' }, 4, 'en');
    notes.turn({ speaker: 'agent', text: 'Sorry, what?' }, 4, 'en');
    assert.deepEqual(told(), ['sound 5', 'no sound 4', 'agent 4', 'agent 4']);
    notes.turn(said, 6, 'en');
    notes.turn({ ...said, transcript: '' }, 6, 'en');
    assert.deepEqual(told(), ['sound 6', 'no sound 5', 'caller 6', 'caller 6', 'no sound 6']);
  });

  test('the figures count what happened in the lives before', () => {
    const figures = new CallFigures();
    const answered = JSON.stringify({ turn: 1, audibleMs: 500 });
    figures.takeUp([
      { type: 'turn.answered', payload: answered },
      { type: 'caller.interrupted', payload: '{}' },
      { type: 'agent.failed', payload: '{}' },
      { type: 'xstate.after.giveUp.call.conversation.thinking', payload: '{}' },
      { type: 'state', payload: '{"path":"timeout.asking"}' },
    ]);
    const { interruptions, failures, reprompts, timings } = figures;
    assert.deepEqual([interruptions, failures, reprompts], [1, 2, 1]);
    assert.equal(timings[0]?.audibleMs, 500);
  });
});

describe('in virtual time', () => {
  let clock: VirtualClock;
  beforeEach(() => {
    clock = new VirtualClock().install();
  });
  afterEach(() => clock.uninstall());

  const startOf = (epoch?: string) => {
    const customParameters = new Map(epoch === undefined ? [] : [['epoch', epoch]]);
    return { callSid: 'CA1', customParameters } as unknown as StreamStart;
  };

  test('a life whose past cannot be known within a second begins with nothing', async () => {
    const ask = async (known: (() => Promise<Continuation | undefined>) | undefined) => {
      const lines = new LogLines();
      const life = earlierLife(startOf('2'), { continuation: known }, lines.log);
      await clock.advance(1000);
      const { cutOff, turns } = (await life)?.continued ?? {};
      return [cutOff, turns, lines.saying('call continues with nothing known').length];
    };
    assert.deepEqual(await ask(() => new Promise(() => {})), ['nothing', 0, 1]);
    assert.deepEqual(await ask(() => Promise.reject(new Error('down'))), ['nothing', 0, 1]);
    assert.deepEqual(await ask(async () => undefined), ['nothing', 0, 1]);
    assert.deepEqual(await ask(undefined), ['nothing', 0, 1]);
    const known = { answers: 3, path: 'conversation.listening.hearing.talking' };
    assert.deepEqual(await ask(async () => continuation(known)), ['caller', 3, 0]);
  });

  test("a call's first life asks nobody", async () => {
    for (const epoch of [undefined, '0', '-1', 'x', '1.5']) {
      const life = earlierLife(
        startOf(epoch),
        { continuation: () => assert.fail() },
        new LogLines().log,
      );
      assert.equal(await life, undefined);
    }
  });

  /** What is written of each turn, time after time. */
  const rows = (call: SteeredAgent) =>
    call.toldTurns.map(([index, each]) => {
      return each.speaker === 'agent' ? `${index} ${each.text}|${each.cut ?? ''}` : `${index} -`;
    });

  test('an answer is written down as it is heard, under the number that it gets when audible', async () => {
    const call = new SteeredAgent();
    call.perform('reply');
    await settled();
    call.engine.last.says('With pleasure, for how many?').ends();
    await settled();
    await clock.advance(1600);
    const written = rows(call);
    assert.equal(written[0], '0 -');
    assert.equal(written.at(-1), '1 With pleasure, for how many?|');
    const whole = written
      .slice(1, -1)
      .map((each) => each.replace(/^1 /, '').replace('|', ' ').trim());
    assert.ok(whole.length >= 3 && whole.length <= 8, `${whole.length} rows`);
    assert.deepEqual(new Set(whole), new Set(['With pleasure, for how many?']));
  });

  test('stopped for what may be an interruption, it is written as it was heard', async () => {
    const call = new SteeredAgent();
    call.perform('reply');
    await settled();
    call.engine.last.says('With pleasure, for how many?').ends();
    await settled();
    await clock.advance(700);
    call.perform('hush');
    assert.equal(rows(call).at(-1), '1 With pleasure,|for how many?');
  });

  test('words that lead to a tool are not owed', async () => {
    const call = new SteeredAgent();
    call.perform('reply');
    await settled();
    call.engine.last.says('Let me look that up.').callsTool().ends();
    await settled();
    await clock.advance(700);
    assert.equal(rows(call).at(-1), '1 Let me|');
  });

  test('what was not heard is said first, without asking the model', async () => {
    const call = new SteeredAgent({ owedWords: 'for how many?' });
    call.play('cutOff');
    await clock.advance(1000);
    call.perform('reply');
    await settled();
    await clock.advance(1000);
    assert.equal(call.engine.requests.length, 0);
    assert.deepEqual(call.said, ['for how many?'], 'expected nothing about the break in it');
    assert.deepEqual(call.told, ['agent.finished', 'agent.audible', 'agent.finished']);
    assert.match(numbersIn(call.ear.heard), / 1 2 3$/);
    assert.deepEqual([call.timings, call.replies, call.finished], [[], [], []]);
    call.perform('reply');
    await settled();
    assert.equal(call.engine.requests.length, 1);
  });

  test('what was not heard is forgotten when the caller has something else to say', async () => {
    const call = new SteeredAgent({ owedWords: 'for how many?' });
    call.play('cutOff');
    call.perform('hush', 'yield', 'reply');
    await settled();
    assert.equal(call.engine.requests.length, 1);
  });

  test('a finished turn is told with the bytes that the engine is given, and once it is over', async () => {
    const call = new SteeredAgent();
    call.perform('prepare');
    await settled();
    assert.deepEqual(call.finished, []);
    call.turnAudio = new Uint8Array(2400).fill(7);
    call.perform('reply');
    assert.deepEqual(
      call.finished.map(({ length }) => length),
      [1600],
    );
  });
});
