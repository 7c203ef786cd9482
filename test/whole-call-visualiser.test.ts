import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { statePath } from '../machines/state-path.ts';
import { loadConfig } from '../src/config.ts';
import { visualiserOptions } from '../src/orchestrator/visualiser.ts';
import type { FeedMessage } from '../src/visualiser/feed-message.ts';
import { DIALOGUE_LINES, type DialogueLine } from './support/booking-dialogue.ts';
import { CallStage } from './support/call-stage.ts';
import { EngineScript, use } from './support/engine-script.ts';
import { FeedClient } from './support/feed-client.ts';
import { inTime } from './support/twilio-hand.ts';

const CALLER = '+15557654321';
const SETTINGS = {
  PUBLIC_URL: 'https://calls.example/agent',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token-of-the-account',
  CARTESIA_API_KEY: 'key-of-the-voice',
  ULTRAVOX_URL: 'http://127.0.0.1:8000/v1',
};
const TOKEN = 'a token of these tests';
const NOTE = { text: 'Call me back.', name: 'Zuleika', phone: '+493011223344' };

test('on Cerebrium, where all comes through a proxy, nobody is taken for local', () => {
  const accessIn = (env: Record<string, string>) => {
    const { access } = visualiserOptions(
      loadConfig({ ...SETTINGS, ...env }),
      {} as never,
      {} as never,
    );
    return access;
  };
  const container = {
    APP_NAME: 'a',
    PROJECT_ID: 'p-1',
    BUILD_ID: 'b',
    CEREBRIUM_PROJECT_ID: 'p-1',
  };
  assert.equal(accessIn({}), 'on');
  assert.equal(accessIn(container), 'token');
  assert.equal(accessIn({ ...container, VISUALISER: 'off' }), 'off');
});

describe('who looks at the real server', { concurrency: true }, () => {
  let stage: CallStage<DialogueLine>;
  before(async () => {
    const script = new EngineScript<DialogueLine>({
      message: [use('take_message', NOTE), 'I have written down 030 11223344.'],
    });
    stage = await CallStage.set({
      lines: DIALOGUE_LINES,
      env: { API_TOKEN: TOKEN },
      ultravox: { reply: script.reply },
    });
  });
  after(async () => {
    await stage.assertAtRest();
    await stage.close();
  });

  test('sees the states of a call in order, its words, and no number', async () => {
    const viewer = await new FeedClient(stage.stage.orchestrator.url).welcomed();
    const run = await stage.call(
      async (caller) => {
        await caller.agentAnswers();
        await caller.ask('message');
        await caller.hangUp();
      },
      { from: CALLER },
    );
    const ofCall = await told(viewer, run.report.callSid);
    viewer.close();
    assert.deepEqual(statesIn(ofCall), ['connecting', ...run.states]);
    const [call] = ofCall.filter((each) => each.type === 'visualiser.call');
    assert.equal(call?.callerLast4, '4321');
    const words = ofCall.filter((each) => each.type === 'visualiser.words');
    const last = new Map(words.map((each) => [each.turn, each]));
    assert.deepEqual(
      [...last.values()].map(({ speaker }) => speaker),
      run.turns.map(({ speaker }) => speaker),
    );
    const tool = JSON.parse(words.find(({ speaker }) => speaker === 'tool')?.text ?? '');
    assert.deepEqual(JSON.parse(tool.arguments), { ...NOTE, phone: '…' });
    assert.ok(words.some(({ text }) => text === DIALOGUE_LINES.message));
    assert.ok(words.some(({ text }) => text === 'I have written down ….'));
    assert.doesNotMatch(JSON.stringify(viewer.seen), /7654321|11223344/);
    const [answered] = ofCall.filter((each) => each.type === 'visualiser.answered');
    assert.ok((answered?.stages.response ?? 0) > 0);
    const ended = ofCall.at(-1);
    assert.equal(ended?.type === 'visualiser.ended' && ended.outcome, 'completed');
    const engine = viewer.seen.filter((each) => 'sessionId' in each && each.sessionId === 'engine');
    assert.ok(engine[0]?.type === '@xstate.actor' && engine[0].name === 'engine');
    const waited = viewer.seen.flatMap((each) =>
      each.type === 'visualiser.queue' ? each.entries : [],
    );
    assert.ok(waited.every(({ callSid }) => callSid !== null));
  });

  test('asks for a whole call, moment by moment, and for the figures of a day', async () => {
    const run = await stage.call(async (caller) => {
      await caller.agentAnswers();
      await caller.hangUp();
    });
    const { calls, journal } = { ...stage.stage.orchestrator, ...stage.stage.orchestrator.records };
    await calls.settled();
    await journal.flush(5000);
    const { moments, problem } = (await get(`calls/${run.report.callSid}/moments`)) as {
      moments: { path: string; context: { outcome: string } | null }[];
      problem: string | null;
    };
    assert.equal(problem, null);
    assert.equal(moments.at(-1)?.context?.outcome, run.record.outcome);
    const day = new Date().toISOString().slice(0, 10);
    const analysis = (await get(`analysis?from=${day}&to=${day}&zone=UTC`)) as {
      from: string;
      total: { calls: number };
      days: unknown[];
      histograms: Record<string, { counts: number[] }>;
    };
    assert.equal(analysis.from, day);
    assert.ok(analysis.total.calls >= 1);
    assert.equal(analysis.days.length, 1);
    assert.ok(analysis.histograms.response?.counts);
  });

  test('calls from the page, and is greeted', async () => {
    const { orchestrator } = stage.stage;
    const viewer = await new FeedClient(orchestrator.url).welcomed();
    const answer = await fetch(`${orchestrator.url}/visualiser/api/softphone`, { method: 'POST' });
    const call = (await answer.json()) as {
      callSid: string;
      accountSid: string;
      protocol: string;
      customParameters: Record<string, string>;
    };
    const { callSid, accountSid, customParameters } = call;
    const socket = new WebSocket(`${orchestrator.url.replace('http', 'ws')}/media`, [
      call.protocol,
    ]);
    const speaks = new Promise<void>((resolve) => socket.once('message', () => resolve()));
    await inTime(new Promise((resolve) => socket.once('open', resolve)), 'an open socket');
    const streamSid = `MZ${'3'.repeat(32)}`;
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    const start = { accountSid, callSid, streamSid, tracks: ['inbound'], mediaFormat };
    socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}');
    const message = { event: 'start', sequenceNumber: '1', streamSid };
    socket.send(JSON.stringify({ ...message, start: { ...start, customParameters } }));
    await inTime(speaks, 'the agent to speak');
    const stop = { event: 'stop', sequenceNumber: '2', streamSid, stop: { accountSid, callSid } };
    socket.send(JSON.stringify(stop));
    const ofCall = await told(viewer, callSid);
    viewer.close();
    const [shown] = ofCall.filter((each) => each.type === 'visualiser.call');
    assert.equal(shown?.callerLast4, null);
    const ended = ofCall.at(-1);
    assert.equal(ended?.type === 'visualiser.ended' && ended.outcome, 'abandoned');
  });

  async function get(path: string): Promise<unknown> {
    const response = await fetch(`${stage.stage.orchestrator.url}/visualiser/api/${path}`);
    assert.equal(response.status, 200);
    return response.json();
  }
});

/** All that is told of a call, to its end. */
async function told(viewer: FeedClient, callSid: string): Promise<SessionMessage[]> {
  const call = await viewer.sees('the call', (each) => {
    return each.type === 'visualiser.call' && each.callSid === callSid;
  });
  const { sessionId } = call as SessionMessage;
  const isOfCall = (each: FeedMessage) => 'sessionId' in each && each.sessionId === sessionId;
  await viewer.sees('its end', (each) => each.type === 'visualiser.ended' && isOfCall(each));
  return viewer.seen.filter(isOfCall) as SessionMessage[];
}

type SessionMessage = Extract<FeedMessage, { sessionId: string }>;

/** Each once, as long as it lasts. */
function statesIn(messages: readonly SessionMessage[]): string[] {
  const paths: string[] = [];
  for (const message of messages) {
    if (!('snapshot' in message)) continue;
    const path = statePath(message.snapshot.value as string);
    if (path !== paths.at(-1)) paths.push(path);
  }
  return paths;
}
