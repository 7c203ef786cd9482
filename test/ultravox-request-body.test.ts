import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Conversation } from '../src/ultravox/conversation.ts';
import type { EngineRequest } from '../src/ultravox/engine-client.ts';
import { requestBody } from '../src/ultravox/request-body.ts';

function parsed(request: EngineRequest) {
  return JSON.parse(new TextDecoder().decode(requestBody('ultravox', request)));
}

const TOOLS = [{ type: 'function', function: { name: 'book', description: 'Bücht "es" ein.' } }];

test('a request is sent as the JSON that it is, whatever is said in it', () => {
  const anything = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(anything, anything, anything, fc.uint8Array(), (prompt, words, note, sound) => {
      const conversation = new Conversation({ systemPrompt: prompt });
      conversation.addAgentTurn(words);
      conversation.addCallerTurn({ id: '1', mulaw: sound, digits: '1' });
      conversation.addToolTurn({ id: 'a', name: 'book', argumentsJson: '{}', result: words });
      const messages = conversation.request({ mulaw: sound.slice(), note });
      const body = parsed({ messages, tools: TOOLS, maxTokens: 7, temperature: 0.3 });
      assert.deepEqual(body, {
        model: 'ultravox',
        stream: true,
        stream_options: { include_usage: true },
        temperature: 0.3,
        max_tokens: 7,
        tool_choice: 'auto',
        tools: TOOLS,
        messages: JSON.parse(JSON.stringify(messages)),
      });
    }),
    { numRuns: 100 },
  );
});

test('without tools nothing is said of tools', () => {
  for (const tools of [{}, { tools: [] }]) {
    const body = parsed({ messages: [], maxTokens: 7, temperature: 0, ...tools });
    assert.deepEqual([body.tools, body.tool_choice], [undefined, undefined]);
  }
});

test('a turn is the same bytes prepared, asked for again, and in the history', () => {
  const conversation = new Conversation({ systemPrompt: 'You answer.' });
  const mulaw = Uint8Array.from({ length: 4000 }, (_, i) => i % 251);
  const bytes = (pending: { mulaw?: Uint8Array; note: string }) => {
    const messages = conversation.request(pending);
    const body = requestBody('m', { messages, maxTokens: 9, temperature: 0 });
    return new TextDecoder().decode(body);
  };
  const prepared = bytes({ mulaw, note: 'It is 11:59.' });
  const again = bytes({ mulaw: mulaw.slice(), note: 'It is 12:00.' });
  const soundEnds = prepared.indexOf('"format":"wav"}}');
  assert.ok(soundEnds > 4000);
  assert.equal(again.slice(0, soundEnds), prepared.slice(0, soundEnds));
  conversation.addCallerTurn({ id: '1', mulaw });
  conversation.addAgentTurn('Yes.');
  const next = bytes({ mulaw: mulaw.slice(100), note: 'It is 12:01.' });
  assert.equal(next.slice(0, soundEnds), prepared.slice(0, soundEnds));
});
