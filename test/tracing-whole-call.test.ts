import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CANARIES, CANARY_WORDS, placeCanaryCall } from './support/canary-call.ts';
import { LogLines } from './support/log-lines.ts';
import { PrometheusText } from './support/prometheus-text.ts';
import { type ReceivedSpan, TraceReceiver } from './support/trace-receiver.ts';

describe('a call that books, leaves a message and is given to a person', () => {
  const lines = new LogLines();
  let receiver: TraceReceiver;
  let figures: PrometheusText;
  before(async () => {
    receiver = await TraceReceiver.start();
    process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `${receiver.url}/own/path`;
    await placeCanaryCall({ log: lines.log, env: {} }, async ({ orchestrator }) => {
      figures = await PrometheusText.from(orchestrator.url);
    });
  });
  after(() => receiver.close());

  const parentsOf = (name: string) => {
    const byId = new Map(receiver.spans.map((span) => [span.spanId, span]));
    return receiver.named(name).map(({ parentSpanId }) => byId.get(parentSpanId ?? '')?.name);
  };

  test('is one trace, closed with the server', () => {
    const [root, ...more] = receiver.named('call');
    assert.ok(root && more.length === 0);
    assert.match(String(root.attributes['voice.call.sid']), /^CA[0-9a-f]{32}$/);
    assert.equal(root.attributes['voice.call.outcome'], 'handedOff');
    assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 1);
    assert.deepEqual([...new Set(receiver.paths)], ['/own/path']);
  });

  test('has a span for each turn, request, tool and piece of speech', () => {
    const turns = receiver.named('turn');
    assert.ok(turns.length >= 4, `${turns.length} turns`);
    const answered = turns.filter((turn) => turn.attributes['voice.turn.response_seconds']);
    assert.ok(answered.length >= 3);
    for (const tool of ['hold_table', 'confirm_booking', 'take_message', 'transfer_to_staff']) {
      assert.deepEqual(parentsOf(`execute_tool ${tool}`), ['turn'], tool);
    }
    assert.ok(receiver.named('speak').length >= 3);
    const chats = receiver.spans.filter(({ name }) => name.startsWith('chat '));
    const isBackground = (span: ReceivedSpan) =>
      span.attributes['voice.engine.priority'] === 'background';
    assert.ok(chats.filter((chat) => !isBackground(chat)).length >= 7);
    assert.ok(chats.some(isBackground), 'expected the summary to be in it');
    for (const { attributes } of chats.filter(({ failed }) => !failed)) {
      if (attributes['voice.engine.outcome'] !== 'completed') continue;
      assert.ok(Number(attributes['gen_ai.usage.input_tokens']) > 0);
    }
  });

  test('shows nothing that anybody said or wrote, and no number', () => {
    const told = [...receiver.bodies, figures.text].map((text) => text.toLowerCase());
    for (const text of told) {
      for (const word of CANARY_WORDS) {
        assert.ok(!text.includes(word.toLowerCase()), `"${word}" in ${text.slice(0, 200)}`);
      }
    }
    assert.ok(receiver.spans.length >= 15, 'expected to have read traces');
    assert.ok(figures.samples.length >= 300, 'expected to have read figures');
    assert.ok(!lines.written.join().includes(CANARIES.guest));
  });

  test('is counted with its tools', () => {
    assert.equal(figures.value('voice_calls_total', { outcome: 'handedOff' }), 1);
    assert.equal(figures.value('voice_tool_calls_total', { outcome: 'accepted' }), 4);
  });

  test('was traced without a complaint', () => {
    assert.deepEqual(lines.saying('traces not sent'), []);
    assert.deepEqual(lines.saying('telemetry failed'), []);
    assert.deepEqual(lines.saying('tracing not started'), []);
  });
});
