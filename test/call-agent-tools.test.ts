import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { SteeredAgent } from './support/steered-agent.ts';
import { settled, VirtualClock } from './support/virtual-clock.ts';

let clock: VirtualClock;
let call: SteeredAgent;
beforeEach(() => {
  clock = new VirtualClock().install();
  call = new SteeredAgent();
});
afterEach(() => clock.uninstall());

const speakers = () => call.conversation.turns.map(({ speaker }) => speaker);

/** The engine calls the tool, after these words if there are any. */
async function callTool(words = ''): Promise<void> {
  await settled();
  if (words) call.engine.last.says(`${words} `);
  await settled();
  call.engine.last.callsTool('book', '{"partySize":4}').ends();
  await settled();
}

async function say(text: string): Promise<void> {
  await settled();
  call.engine.last.says(text).ends();
  await settled();
}

describe('a tool', () => {
  test('works while the caller waits, and its result is put into words', async () => {
    call.perform('reply');
    await callTool();
    assert.deepEqual(call.told, ['agent.consulting']);
    assert.equal(call.tools.calls[0]?.argumentsJson, '{"partySize":4}');
    call.tools.answer('{"free":true}');
    await say('Yes, we have a table.');
    assert.deepEqual(call.told, ['agent.consulting', 'agent.consulted', 'agent.audible']);
    await clock.advance(2000);
    assert.equal(call.told.at(-1), 'agent.finished');
    assert.deepEqual(speakers(), ['caller', 'tool', 'agent']);
    assert.deepEqual(
      call.replies.map(({ how, ofResult }) => [how, ofResult]),
      [
        ['completed', false],
        ['completed', true],
      ],
    );
    assert.deepEqual(
      call.toolNotes.map(({ name, accepted }) => [name, accepted]),
      [['book', true]],
    );
  });

  test('that does not exist has no name in the records: the model may have heard it', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.callsTool('zebra', '{}').ends();
    await settled();
    call.tools.answer('{}');
    await settled();
    assert.deepEqual(
      call.toolNotes.map(({ name, accepted }) => [name, accepted]),
      [['unknown', true]],
    );
  });

  test('is offered to the model with every request', async () => {
    call.perform('reply');
    await callTool();
    call.tools.answer('{}');
    await settled();
    for (const { request } of call.engine.requests) {
      assert.deepEqual(request.tools, call.tools.descriptions);
    }
    assert.equal(call.engine.requests.length, 2);
  });

  test("is followed by a request with its result, and without the caller's turn again", async () => {
    call.note = 'It is 19:04.';
    call.perform('reply');
    await callTool();
    call.tools.answer('{"free":true}');
    await settled();
    const [first, second] = call.engine.requests.map(({ request }) => request.messages);
    assert.deepEqual(second?.slice(0, first?.length), first, 'expected the prefix to be kept');
    const roles = second?.map(({ role }) => role);
    assert.deepEqual(roles, ['system', 'user', 'assistant', 'tool']);
    assert.equal(second?.at(-1)?.content, '{"free":true}');
  });

  test('is not begun on speculation', async () => {
    call.perform('prepare');
    await callTool();
    assert.deepEqual(call.tools.calls, []);
    call.perform('reply');
    await settled();
    assert.equal(call.tools.calls.length, 1);
    assert.deepEqual(call.told, ['agent.consulting']);
  });

  test('that was called on speculation is forgotten when the caller goes on', async () => {
    call.perform('prepare');
    await callTool();
    call.perform('yield', 'prepare');
    await say('With pleasure.');
    call.perform('reply');
    await clock.advance(2000);
    assert.deepEqual(call.tools.calls, []);
    assert.deepEqual(speakers(), ['caller', 'agent']);
  });

  test('outlives the caller who speaks, and its result comes before anything else', async () => {
    call.perform('reply');
    await callTool();
    call.perform('yield');
    call.perform('prepare', 'reply');
    await settled();
    assert.equal(call.engine.requests.length, 1, 'expected the engine not to be asked yet');
    call.tools.answer('{"held":"B1"}');
    await settled();
    const roles = call.engine.last.request.messages.map(({ role }) => role);
    assert.deepEqual(roles, ['system', 'user', 'assistant', 'tool', 'user']);
    await say('Very well.');
    await clock.advance(2000);
    assert.deepEqual(speakers(), ['caller', 'tool', 'caller', 'agent']);
    assert.ok(!call.told.includes('agent.consulted'), call.told.join(' '));
  });

  test('outlives the call', async () => {
    call.perform('reply');
    await callTool();
    const closed = call.agent.close();
    call.scope.abort();
    call.tools.answer('{"held":"B1"}');
    await closed;
    assert.deepEqual(speakers(), ['caller', 'tool']);
  });

  test('after words is worked at while they are said', async () => {
    call.perform('reply');
    await callTool('Let me check that.');
    assert.deepEqual(call.told, ['agent.audible']);
    call.tools.answer('{"free":true}');
    await say('Yes, at seven.');
    await clock.advance(5000);
    assert.deepEqual(call.told, [
      'agent.audible',
      'agent.consulted',
      'agent.audible',
      'agent.finished',
    ]);
    assert.deepEqual(call.said, ['Let me check that.', 'Yes, at seven.']);
  });

  test('comes after its words in the history, though they are still said when it answers', async () => {
    call.perform('reply');
    await callTool('Let me check that.');
    call.tools.answer('{"free":true}');
    await say('Yes, at seven.');
    const { messages } = call.engine.last.request;
    const roles = messages.map(({ role }) => role);
    assert.deepEqual(roles, ['system', 'user', 'assistant', 'assistant', 'tool']);
    assert.equal(messages[2]?.content, 'Let me check that.', 'the model knows what it has said');
    assert.deepEqual(speakers(), ['caller', 'tool'], 'not heard yet');
    await clock.advance(5000);
    assert.deepEqual(speakers(), ['caller', 'agent', 'tool', 'agent']);
    assert.deepEqual(call.said, ['Let me check that.', 'Yes, at seven.']);
    const later = call.conversation.request().slice(0, messages.length);
    assert.deepEqual(later, messages, 'expected the prefix to be kept');
  });

  test('comes after its words as heard, where the caller cuts in once it has answered', async () => {
    call.perform('reply');
    await callTool('Let me check that for you in the book.');
    call.tools.answer('{"free":true}');
    await say('Yes, at seven.');
    await clock.advance(700);
    call.perform('hush', 'yield');
    assert.deepEqual(speakers(), ['caller', 'agent', 'tool']);
    assert.deepEqual(call.said, ['Let me']);
    const contents = call.conversation.request().map(({ content }) => content);
    assert.deepEqual(contents.slice(2), ['Let me', '', '{"free":true}']);
  });

  test('leaves no trace of words before it that were never said', async () => {
    call.perform('reply');
    await clock.advance(1000);
    call.fill('filler');
    await callTool('Let me check that.');
    call.tools.answer('{"free":true}');
    await settled();
    const roles = () => call.conversation.request().map(({ role }) => role);
    assert.deepEqual(roles(), ['system', 'user', 'assistant', 'assistant', 'tool']);
    call.perform('yield');
    assert.deepEqual(roles(), ['system', 'user', 'assistant', 'tool']);
    assert.deepEqual(speakers(), ['caller', 'tool']);
  });

  test('that takes longer than the words before it is told when they are over', async () => {
    call.perform('reply');
    await callTool('Let me check that.');
    await clock.advance(3000);
    assert.deepEqual(call.told, ['agent.audible', 'agent.consulting']);
    call.perform('reply'); // as the machine does when it thinks again
    call.tools.answer('{"free":true}');
    await say('Yes, at seven.');
    await clock.advance(3000);
    assert.deepEqual(call.told.slice(2), ['agent.consulted', 'agent.audible', 'agent.finished']);
  });

  test('may be interrupted in the words before it, which are then history as heard', async () => {
    call.perform('reply');
    await callTool('Let me check that for you in the book.');
    await clock.advance(700);
    call.perform('hush', 'yield');
    call.tools.answer('{"free":true}');
    await settled();
    assert.deepEqual(call.said, ['Let me']);
    assert.equal(call.engine.requests.length, 1, 'expected no answer to be prepared');
  });

  test('is recognised in text that the engine took for words, and not spoken', async () => {
    call.perform('reply');
    await say('Let me see. {"name": "book", "parameters": {"partySize": 4}}');
    assert.deepEqual(
      call.tools.calls.map(({ name, argumentsJson }) => [name, JSON.parse(argumentsJson)]),
      [['book', { partySize: 4 }]],
    );
    call.tools.answer('{}');
    await say('Done.');
    await clock.advance(5000);
    assert.deepEqual(call.said, ['Let me see.', 'Done.']);
  });

  test('may follow a tool, four times at most', async () => {
    call.perform('reply');
    for (let round = 1; round <= 4; round++) {
      await callTool();
      assert.equal(call.tools.calls.length, round);
      call.tools.answer('{}');
      await settled();
    }
    assert.deepEqual(call.engine.last.request.tools, []);
    await callTool();
    assert.equal(call.tools.calls.length, 4);
    assert.equal(call.told.at(-1), 'agent.failed');
  });

  test('counts anew in the next turn', async () => {
    for (let turn = 1; turn <= 6; turn++) {
      call.perform('reply');
      await callTool();
      call.tools.answer('{}');
      await say('Done.');
      await clock.advance(1000);
      assert.equal(call.told.at(-1), 'agent.finished');
    }
    assert.equal(call.tools.calls.length, 6);
  });

  test('is offered anew in the turn after one that used all of them', async () => {
    call.perform('reply');
    for (let round = 1; round <= 4; round++) {
      await callTool();
      call.tools.answer('{}');
    }
    await say('Done.');
    await clock.advance(1000);
    call.perform('prepare');
    await callTool();
    assert.deepEqual(call.engine.last.request.tools, call.tools.descriptions);
    call.perform('reply');
    await settled();
    assert.equal(call.tools.calls.length, 5);
  });

  test('with arguments that are no JSON object stays out of the way of later requests', async () => {
    call.perform('reply');
    await settled();
    call.engine.last.callsTool('book', '{"partySize":').ends();
    await settled();
    call.tools.answer('{"problem":"expected JSON"}');
    await settled();
    const asked = call.engine.last.request.messages.find((each) => each.role === 'assistant');
    assert.equal(asked?.role === 'assistant' && asked.tool_calls?.[0].function.arguments, '{}');
  });

  const hostile: [string, string, string][] = [
    ['half a character', '{"name":"\\ud800"}', '{"name":"\ufffd"}'],
    ['a control token', '{"a":"x<|audio|>y","<|eot_id|>b":1}', '{"a":"xy","b":1}'],
    ['nested arguments', `{"a":1,"b":${'['.repeat(5000)}${']'.repeat(5000)}}`, '{"a":1}'],
    ['more than is ever meant', JSON.stringify({ note: 'x'.repeat(10_000) }), '{}'],
  ];
  for (const [what, given, kept] of hostile) {
    test(`with ${what} in it is history without that`, async () => {
      call.perform('reply');
      await settled();
      call.engine.last.callsTool('<|audio|>bo"ok', given).ends();
      await settled();
      assert.equal(call.tools.calls[0]?.argumentsJson, given);
      call.tools.answer('{}');
      await settled();
      const asked = call.engine.last.request.messages.find((each) => each.role === 'assistant');
      const past = asked?.role === 'assistant' ? asked.tool_calls?.[0].function : undefined;
      assert.deepEqual(past, { name: 'audiobook', arguments: kept });
    });
  }

  test('whose follow-up fails is a failed answer', async () => {
    call.perform('reply');
    await callTool();
    call.tools.answer('{}');
    await settled();
    call.engine.last.ends();
    await settled();
    assert.equal(call.told.at(-1), 'agent.failed');
  });
});

describe('what a tool does to the call', () => {
  test('is a transfer, told at once where nothing is being said', async () => {
    call.perform('reply');
    await callTool();
    call.tools.answer('{}', { type: 'transfer', destination: 'manager', brief: 'A caller.' });
    await settled();
    assert.deepEqual(call.told, ['agent.consulting', 'agent.transferred manager']);
    assert.equal(call.engine.requests.length, 1);
  });

  test('waits for the words before it', async () => {
    call.perform('reply');
    await callTool('I will get the manager.');
    call.tools.answer('{}', { type: 'transfer', destination: 'manager', brief: 'A caller.' });
    await clock.advance(1000);
    assert.deepEqual(call.told, ['agent.audible']);
    await clock.advance(1000);
    assert.deepEqual(call.told, ['agent.audible', 'agent.transferred manager']);
    assert.deepEqual(call.said, ['I will get the manager.']);
  });

  test('is its end', async () => {
    call.perform('reply');
    await callTool();
    call.tools.answer('{}', { type: 'endCall' });
    await settled();
    assert.equal(call.told.at(-1), 'agent.concluded');
  });

  test('does not happen when the caller has gone on speaking', async () => {
    call.perform('reply');
    await callTool();
    call.perform('yield');
    call.tools.answer('{"transferred":true}', { type: 'endCall' });
    await settled();
    assert.deepEqual(call.told, ['agent.consulting']);
    const turn = call.conversation.turns.at(-1);
    assert.ok(turn?.speaker === 'tool' && turn.result.includes('"done":false'));
  });

  test('is another language, for all that is said from then on', async () => {
    call.perform('reply');
    await callTool();
    call.tools.answer('{}', { type: 'speakLanguage', language: 'de' });
    await say('Sehr gern.');
    await clock.advance(2000);
    assert.equal(call.voice.languages.at(-1), 'de');
    call.play('reprompt');
    assert.equal(call.clipLanguages.at(-1), 'de');
    assert.equal(call.agent.language, 'de');
  });
});
