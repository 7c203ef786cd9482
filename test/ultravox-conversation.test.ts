import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMulaw } from '../src/audio/mulaw.ts';
import { readWav } from '../src/audio/wav.ts';
import { Conversation } from '../src/ultravox/conversation.ts';
import type { ChatMessage, EngineRequest } from '../src/ultravox/engine-client.ts';
import { EngineQueue } from '../src/ultravox/engine-queue.ts';
import { withoutSpecialTokens } from '../src/ultravox/special-tokens.ts';
import { TRANSCRIPT_PROMPT, Transcriber } from '../src/ultravox/transcriber.ts';

const systemPrompt = 'You answer the telephone of a restaurant.';
const never = new AbortController().signal;

/** Sound that differs from turn to turn. */
function sound(turn: number): Uint8Array {
  return Uint8Array.from({ length: 800 }, (_, i) => (i * 7 + turn * 13) & 0xff);
}

function audioOf(message: ChatMessage | undefined): string {
  assert.ok(message && typeof message.content !== 'string');
  const part = message.content[0];
  assert.ok(part?.type === 'input_audio');
  return part.input_audio.data;
}

function audioCount(messages: readonly ChatMessage[]): number {
  return messages.filter(({ content }) => typeof content !== 'string').length;
}

test('a request is the prompt, the history as heard, and what the caller says now', () => {
  const conversation = new Conversation({ systemPrompt });
  conversation.addAgentTurn('Good evening.');
  conversation.addCallerTurn({ id: '1', mulaw: sound(1) });
  conversation.addAgentTurn('For how many');
  conversation.addAgentTurn('');
  const messages = conversation.request({ mulaw: sound(2), note: 'It is 19:04.' });
  const roles = messages.map(({ role }) => role);
  assert.deepEqual(roles, ['system', 'assistant', 'user', 'assistant', 'user']);
  const last = messages.at(-1);
  assert.ok(last && typeof last.content !== 'string');
  assert.deepEqual(last.content.at(-1), { type: 'text', text: 'It is 19:04.' });
});

test('words that are still said keep their place; told is what was heard, if anything', () => {
  const told: [index: number, text: string][] = [];
  const conversation = new Conversation({
    systemPrompt,
    onTurn: (turn, index) => told.push([index, turn.speaker === 'agent' ? turn.text : '-']),
  });
  const tool = { id: 't', name: 'book', argumentsJson: '{}', result: '{}' };
  const words = { text: 'Let me' };
  const { end } = conversation.holdAgentTurn(words);
  conversation.addToolTurn(tool);
  const { end: endUnheard } = conversation.holdAgentTurn({ text: 'And now' });
  conversation.addToolTurn(tool);
  words.text += ' see. ';
  const contents = () => conversation.request().map(({ content }) => content);
  assert.deepEqual(contents(), [systemPrompt, 'Let me see.', '', '{}', 'And now', '', '{}']);
  end('Let', 'me see.');
  endUnheard('');
  assert.deepEqual(contents(), [systemPrompt, 'Let', '', '{}', '', '{}']);
  assert.deepEqual(told, [
    [1, '-'],
    [3, '-'],
    [0, 'Let'],
  ]);
  assert.deepEqual(conversation.turns[0], { speaker: 'agent', text: 'Let', cut: 'me see.' });
  assert.equal(conversation.turns.length, 3);
});

test('both audio formats carry the same samples, mu-law in half the bytes', () => {
  const samples = (['mulaw', 'pcm16'] as const).map((audioFormat) => {
    const conversation = new Conversation({ systemPrompt, audioFormat });
    const data = audioOf(conversation.request({ mulaw: sound(1) }).at(-1));
    return readWav(Buffer.from(data, 'base64'));
  });
  for (const wav of samples) {
    assert.equal(wav.sampleRateHz, 8000);
    assert.equal(wav.channels, 1);
    assert.deepEqual(wav.samples, decodeMulaw(sound(1)));
  }
});

test('a turn is encoded once, whether pending, asked for again, or history', () => {
  const conversation = new Conversation({ systemPrompt });
  const mulaw = sound(1);
  const pending = conversation.request({ mulaw }).at(-1);
  conversation.addCallerTurn({ id: '1', mulaw });
  const [, past] = conversation.request();
  assert.ok(pending?.role === 'user' && past?.role === 'user');
  assert.equal(past.content[0], pending.content[0]);
});

test('fifty turns change the cached prefix eleven times, and never send more than 2N + 1 sounds', () => {
  const keepAudioTurns = 4;
  const conversation = new Conversation({ systemPrompt, keepAudioTurns });
  let before: string[] = [];
  let changes = 0;
  for (let turn = 1; turn <= 50; turn++) {
    const mulaw = sound(turn);
    const messages = conversation.request({ mulaw, note: `It is ${turn} past.` });
    assert.ok(audioCount(messages) <= 2 * keepAudioTurns + 1);
    // The history alone: what the caller says now, with its note, is new each time.
    const history = messages.slice(0, -1).map((message) => JSON.stringify(message));
    if (before.some((message, i) => message !== history[i])) changes++;
    before = history;
    conversation.addCallerTurn({ id: String(turn), mulaw });
    conversation.addAgentTurn(`Answer ${turn}.`);
    conversation.setTranscript(String(turn), `Question ${turn}?`);
  }
  // A step at the ninth turn, and then at every fourth; moving one turn at a time would be 42.
  assert.equal(changes, 11);
});

test('without transcripts the sound stays, up to a bound', () => {
  const conversation = new Conversation({ systemPrompt, keepAudioTurns: 2 });
  for (let turn = 1; turn <= 8; turn++)
    conversation.addCallerTurn({ id: `${turn}`, mulaw: sound(turn) });
  assert.equal(audioCount(conversation.request()), 8);
  conversation.addCallerTurn({ id: '9', mulaw: sound(9) });
  assert.equal(audioCount(conversation.request()), 7);
  assert.equal(conversation.request()[1]?.content, '(unintelligible)');
});

test('a turn of keys alone is text, and keys beside speech stay with its transcript', () => {
  const conversation = new Conversation({ systemPrompt, keepAudioTurns: 1 });
  conversation.addCallerTurn({ id: '1', mulaw: sound(1), digits: '42' });
  conversation.addCallerTurn({ id: '2', mulaw: new Uint8Array(), digits: '7' });
  conversation.addCallerTurn({ id: 'nothing', mulaw: new Uint8Array() });
  assert.equal(conversation.turns.length, 2);
  assert.deepEqual(conversation.request()[2]?.content, [
    { type: 'text', text: '(pressed on the keypad: 7)' },
  ]);
  conversation.setTranscript('1', 'My number is');
  conversation.addCallerTurn({ id: '3', mulaw: sound(3) });
  conversation.addCallerTurn({ id: '4', mulaw: sound(4) });
  assert.equal(conversation.request()[1]?.content, 'My number is (pressed on the keypad: 42)');
});

test('a tool call and its result stand in the history as one exchange', () => {
  const conversation = new Conversation({ systemPrompt });
  conversation.addToolTurn({
    id: 'c1',
    name: 'hours',
    argumentsJson: '{}',
    result: '{"open":true}',
  });
  const [, call, result] = conversation.request();
  assert.ok(call?.role === 'assistant' && result?.role === 'tool');
  assert.equal(call.tool_calls?.[0].function.name, 'hours');
  assert.equal(result.tool_call_id, 'c1');
});

test('special tokens are stripped from every text', () => {
  assert.equal(withoutSpecialTokens('a<|audio|>b<|eot_id|>'), 'ab');
  assert.equal(withoutSpecialTokens('<|au<|x|>dio|>'), '', 'halves that come together go too');
  assert.equal(withoutSpecialTokens('5 < 6 | 7 > 2'), '5 < 6 | 7 > 2');
  const conversation = new Conversation({ systemPrompt: 'Be kind.<|audio|>' });
  conversation.addAgentTurn('Yes<|eot_id|>.');
  const toolTurn = { id: 'c', name: 'f', argumentsJson: '{}', result: '<|audio|>' };
  conversation.addToolTurn(toolTurn);
  conversation.addCallerTurn({ id: '1', mulaw: new Uint8Array(), digits: '<|audio|>1' });
  assert.doesNotMatch(JSON.stringify(conversation.request({ note: '<|audio|>' })), /<\|/);
});

test('past turns are written down one after another, oldest first, when the engine is idle', async () => {
  const requests: EngineRequest[] = [];
  const queue = new EngineQueue({
    async *stream(request) {
      requests.push(request);
      yield { type: 'text', text: ` "Words ${requests.length}\n` };
      yield { type: 'text', text: 'of it." ' };
      yield { type: 'finished', reason: 'stop' };
    },
  });
  const conversation = new Conversation({ systemPrompt });
  for (const turn of [1, 2]) conversation.addCallerTurn({ id: `${turn}`, mulaw: sound(turn) });
  const transcriber = new Transcriber({ queue, conversation });
  await Promise.all([transcriber.wake(never), transcriber.wake(never)]);
  assert.equal(requests.length, 2);
  assert.equal(requests[0]?.messages[0]?.content, TRANSCRIPT_PROMPT);
  assert.equal(conversation.nextToTranscribe(), undefined);
  const transcripts = conversation.turns.map(
    (turn) => turn.speaker === 'caller' && turn.transcript,
  );
  assert.deepEqual(transcripts, ['Words 1 of it.', 'Words 2 of it.']);
});

test('a turn that cannot be written is tried twice, then passed over', async () => {
  let calls = 0;
  const queue = new EngineQueue({
    // biome-ignore lint/correctness/useYield: this engine only fails
    async *stream() {
      calls++;
      throw new Error('out of order');
    },
  });
  const problems: unknown[] = [];
  const conversation = new Conversation({ systemPrompt });
  conversation.addCallerTurn({ id: '1', mulaw: sound(1) });
  const onProblem = (error: unknown) => problems.push(error);
  const transcriber = new Transcriber({ queue, conversation, onProblem });
  for (let i = 0; i < 3; i++) await transcriber.wake(never);
  assert.equal(calls, 2);
  assert.equal(problems.length, 2);
  assert.equal(conversation.nextToTranscribe(), undefined);
});

test('the end of a call ends its transcripts', async () => {
  const controller = new AbortController();
  const queue = new EngineQueue({
    async *stream(_request, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield { type: 'text', text: 'too late' };
    },
  });
  const conversation = new Conversation({ systemPrompt });
  conversation.addCallerTurn({ id: '1', mulaw: sound(1) });
  const working = new Transcriber({ queue, conversation }).wake(controller.signal);
  controller.abort();
  await working;
  await queue.onIdle();
  assert.deepEqual(conversation.nextToTranscribe()?.id, '1');
});
