import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallReport, TimelineEntry } from '../src/simulators/twilio/call-report.ts';
import { DIALOGUE } from './chaos/dialogue.ts';
import { historyFaults } from './chaos/history.ts';
import { type HeardWord, HeardWords, markedSpeech } from './chaos/marked-speech.ts';
import { silenceAfterBreak } from './chaos/silence.ts';
import { Tally } from './chaos/tally.ts';
import type { Verdict } from './chaos/verdict.ts';

const FRAME_BYTES = 160;
const REPLY = 'Half past seven is free.';
const LINE = DIALOGUE[0]!;

async function soundOf(text: string): Promise<Uint8Array> {
  for await (const event of markedSpeech([REPLY]).render(text, new AbortController().signal)) {
    if (event.type === 'audio') return event.mulaw;
  }
  throw new Error('expected sound');
}

function hear(sound: Uint8Array): HeardWord[] {
  const heard = new HeardWords();
  for (let at = 0; at < sound.length; at += FRAME_BYTES) {
    heard.push(sound.subarray(at, at + FRAME_BYTES));
  }
  return heard.words;
}

test('the words of a marked voice are read from its sound, whatever of it was cut away', async () => {
  const house = await soundOf('Hello there.');
  const reply = await soundOf(REPLY);
  assert.deepEqual(
    hear(Buffer.concat([house, reply])).map(({ text, isReply }) => [text, isReply]),
    [
      ...['Hello', 'there.'].map((word) => [word, false]),
      ...REPLY.split(' ').map((word) => [word, true]),
    ],
  );
  // Cut within the letters of the third word, and gone on with another sentence.
  const third = reply.indexOf(Buffer.from('seven')[0]!, 4000);
  const cut = hear(Buffer.concat([reply.subarray(0, third + 2), house]));
  assert.deepEqual(
    cut.map(({ text }) => text),
    ['Half', 'past', 'Hello', 'there.'],
  );
});

/** A frame for each letter: sound where it is an x. */
function trackOf(frames: string): Uint8Array {
  const sound = [...frames].map((each) =>
    new Uint8Array(FRAME_BYTES).fill(each === 'x' ? 0x2a : 0xff),
  );
  return new Uint8Array(Buffer.concat(sound));
}

function report(agent: string, caller: string, startedFrames: number[]): CallReport {
  const timeline = startedFrames.map(
    (frame): TimelineEntry => ({ atMs: 0, type: 'started', trackMs: frame * 20 }),
  );
  return { agentTrack: trackOf(agent), callerTrack: trackOf(caller), timeline } as CallReport;
}

test('silence lasts from the last sound before a break to the first of the next stream', () => {
  //                     0         1         2
  //                     0123456789012345678901234567
  const agent = report('xxxxxxxxxx..........xxxx....', '.'.repeat(28), [0, 15]);
  assert.equal(silenceAfterBreak(agent, 160)?.ms, 200);
  assert.equal(silenceAfterBreak(agent, 200)?.ms, 200);
});

test('silence of the agent before a break is not counted, and what comes after it is', () => {
  const quiet = `xx${'.'.repeat(40)}xx`;
  const caller = `..${'x'.repeat(30)}${'.'.repeat(12)}`;
  const silence = silenceAfterBreak(report(quiet, caller, [0, 38]), 700);
  assert.deepEqual(silence, { ms: 140, sinceAnySoundMs: 200 });
});

test('where no stream comes back, or a silent one, there is no silence to be measured', () => {
  assert.equal(silenceAfterBreak(report('xx....', '......', [0]), 40), undefined);
  assert.equal(silenceAfterBreak(report('xx....', '......', [0, 4]), 40), undefined);
});

const heard = REPLY.split(' ').map((text, at) => ({ text, isReply: true, trackMs: at * 300 }));
const caller = { speaker: 'caller', text: LINE.text };
const said = [{ line: LINE.id, fromMs: 0, toMs: 1000, wasCarried: true }];

test('a history may differ by a word for each cut, and by no more', () => {
  const turns = (text: string) => [caller, { speaker: 'agent', text }];
  assert.deepEqual(historyFaults(turns(REPLY), heard, said, 0), []);
  assert.deepEqual(historyFaults(turns('Half past seven is'), heard, said, 1), []);
  assert.deepEqual(historyFaults(turns('Half past seven is'), heard, said, 0), [
    'words that were heard are not written: free.',
  ]);
  assert.deepEqual(historyFaults(turns(`${REPLY} Your name?`), heard, said, 1), [
    'words that nobody heard are written: Your name?',
  ]);
});

test("a caller's line is written, and not more often than it was said", () => {
  const agent = { speaker: 'agent', text: REPLY };
  const lost = [`the caller's line "${LINE.id}" is not written`];
  assert.deepEqual(historyFaults([agent], heard, said, 0), lost);
  const unheard = [{ ...said[0]!, wasCarried: false }];
  assert.deepEqual(historyFaults([agent], heard, unheard, 0), []);
  assert.deepEqual(historyFaults([caller, caller, agent], heard, said, 0), [
    `the caller's line "${LINE.id}" is written 2 times`,
  ]);
});

const WHOLE: Verdict = {
  callSid: 'CA1',
  broken: 'tool of yes +10 ms',
  continued: true,
  problem: undefined,
  heard: REPLY,
  silences: [{ ms: 900, sinceAnySoundMs: 1200 }],
  history: [],
  bookingsLost: 0,
  bookingsDoubled: 0,
  records: 1,
  left: [],
};

function brokenOf(verdict: Partial<Verdict>, goesOn = true): string[] {
  const tally = new Tally({ name: 'kill', title: 'kill', silenceP95Ms: 1000, goesOn });
  tally.add({ ...WHOLE, ...verdict });
  return tally.summary().broken;
}

test('a run in which all was kept has broken no promise, and each of them can be broken', () => {
  assert.deepEqual(brokenOf({}), []);
  const lost = { continued: false, problem: 'no stream came back', silences: [] };
  assert.deepEqual(brokenOf(lost), ['1 of 1 calls did not go on']);
  assert.deepEqual(brokenOf(lost, false), []);
  assert.deepEqual(brokenOf({ silences: [{ ms: 1001, sinceAnySoundMs: 1001 }] }), [
    'silence of 1001 ms at p95, 1000 ms promised',
  ]);
  assert.deepEqual(brokenOf({ history: ['a word'] }), ['1 histories are not what was said']);
  assert.deepEqual(brokenOf({ bookingsLost: 1 }), ['1 bookings lost']);
  assert.deepEqual(brokenOf({ bookingsDoubled: 1 }), ['1 bookings doubled']);
  assert.deepEqual(brokenOf({ records: 0 }), ['0 records of 1 calls']);
  assert.deepEqual(brokenOf({ left: ['1 open streams'] }), ['left behind: 1 open streams']);
});
