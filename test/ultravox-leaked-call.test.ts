import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leakedToolCall } from '../src/ultravox/leaked-call.ts';

const JSON_CALL = '{"name": "hold_table", "parameters": {"date": "2026-11-27", "party": 4}}';
const EXPECTED = { name: 'hold_table', argumentsJson: '{"date":"2026-11-27","party":4}' };

test('calls are recognised in each form that Llama models write', () => {
  const texts = [
    JSON_CALL,
    JSON_CALL.replace('parameters', 'arguments'),
    `<|python_tag|>${JSON_CALL}`,
    `Sure, let me check. ${JSON_CALL}`,
    `\`\`\`json\n${JSON_CALL}\n\`\`\``,
    `[${JSON_CALL}]`,
    `<tool_call>${JSON_CALL}</tool_call>`,
    `${JSON_CALL}}<|eom_id|> I hold a table.`,
    '{"type":"function","name":"hold_table","parameters":{"date":"2026-11-27","party":4}}',
    '{"type":"function","function":{"name":"hold_table","arguments":{"date":"2026-11-27","party":4}}}',
    '{"type":"function","function":"hold_table","parameters":{"date":"2026-11-27","party":4}}',
    '{"name":"hold_table","arguments":"{\\"date\\":\\"2026-11-27\\",\\"party\\":4}"}',
    '<function=hold_table>{"date": "2026-11-27", "party": 4}</function>',
    'hold_table(date="2026-11-27", party=4)',
    "[hold_table(date='2026-11-27',party=4)]",
    '<|python_tag|>hold_table( date = "2026-11-27" , party = 4, )',
    'One moment. hold_table(date=2026-11-27, party=4) Done.',
  ];
  for (const text of texts) assert.deepEqual(leakedToolCall(text), EXPECTED, text);
});

test('values of calls in Python form keep their types', () => {
  const text = "book_it(a=\"x, y)\", b='it\\'s', c=-1.5, d=True, e=None, f=7:30 pm, g=019)";
  assert.deepEqual(JSON.parse(leakedToolCall(text)?.argumentsJson ?? ''), {
    a: 'x, y)',
    b: "it's",
    c: -1.5,
    d: true,
    e: null,
    f: '7:30 pm',
    g: 19,
  });
  assert.deepEqual(leakedToolCall('end_call()'), { name: 'end_call', argumentsJson: '{}' });
});

test('what is not exactly one complete call is none', () => {
  const texts = [
    '',
    'A table for four (if possible) on Friday?',
    'We have one (party of 4) left.',
    JSON_CALL.slice(0, -1),
    JSON_CALL.slice(0, -12),
    `${JSON_CALL} ${JSON_CALL}`,
    `[${JSON_CALL}, ${JSON_CALL}]`,
    `${JSON_CALL} cancel_booking(booking="B1")`,
    `hold_table(party=4) ${JSON_CALL}`,
    'hold_table(party=4), cancel_booking(booking="B1")',
    'hold_table(4)',
    'hold_table(party=4, party=5)',
    'hold_table(party=[4])',
    'hold_table(party="4',
    'hold_table(party=4',
    '{"name":"hold_table"}',
    '{"name":"hold_table","parameters":[4]}',
    '{"name":"hold_table","parameters":{},"arguments":{}}',
    '{"name":["hold_table"],"parameters":{}}',
    '{"name":"+4915112345678","parameters":{}}',
    '{"name":"","parameters":{}}',
    '{"done":true,"say":"hello"}',
    '{not json}',
    `{"name":"hold_table","parameters":{"a":"${'x'.repeat(17_000)}"}}`,
  ];
  for (const text of texts) assert.equal(leakedToolCall(text), undefined, text.slice(0, 80));
});

test('braces and quotes within strings do not end an object', () => {
  const text = '{"name":"take_message","parameters":{"text":"a } \\" { b"}}';
  assert.deepEqual(JSON.parse(leakedToolCall(text)?.argumentsJson ?? ''), { text: 'a } " { b' });
});

test('keys that mean something to JavaScript are only text', () => {
  const call = leakedToolCall('hold_table(__proto__=1, constructor=2)');
  assert.equal(call?.argumentsJson, '{"__proto__":1,"constructor":2}');
});

test('hostile texts of the longest length are read in linear time', () => {
  const length = 16_384;
  const bites = ['{', '[', 'a', '_', 'a_', '(', 'a(', '"', '\\', '{"', 'a_b(', 'a_b(c=', ' ', '}{'];
  const texts = [
    ...bites.map((bite) => bite.repeat(length).slice(0, length)),
    `a_b(${'c=1,'.repeat(length)}`.slice(0, length),
    `a_b(c="${'\\"'.repeat(length)}`.slice(0, length),
    `{"name":"x","parameters":${'{"a":'.repeat(3_000)}`,
    `{"name":"x","parameters":{"a":${'['.repeat(8_000)}${']'.repeat(8_000)}}}`,
  ];
  for (const text of texts) {
    const from = performance.now();
    leakedToolCall(text);
    // The slowest takes some 2 ms; a quadratic reading takes seconds.
    assert.ok(performance.now() - from < 250, text.slice(0, 20));
  }
});
