import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CONFIRM, DIALOGUE_LINES, HOLD } from './support/booking-dialogue.ts';
import { CallStage, LINES } from './support/call-stage.ts';
import { EngineScript } from './support/engine-script.ts';
import { PrometheusText } from './support/prometheus-text.ts';

const LONG =
  'We are open from noon until ten in the evening, every day but Monday, all year round.';

describe('figures', { concurrency: true }, () => {
  test('a whole call is in the figures', async () => {
    const script = new EngineScript<keyof typeof DIALOGUE_LINES | 'uhHuh'>({
      name: [HOLD, LONG],
      yes: [CONFIRM, LONG],
      wait: ['Yes?'],
    });
    await CallStage.during(
      {
        lines: { ...DIALOGUE_LINES, uhHuh: LINES.uhHuh },
        ultravox: { reply: script.reply },
      },
      async (stage) => {
        const { url } = stage.stage.orchestrator;
        let during: PrometheusText | undefined;
        const { record, states } = await stage.call(async (caller) => {
          await caller.agentAnswers();
          await caller.ask('name');
          await caller.speak('yes');
          await caller.agentSpeaking();
          const resumed = caller.reaches('conversation.speaking');
          await caller.speak('uhHuh');
          await resumed;
          during = await PrometheusText.from(url);
          await caller.agentSpeaking();
          await caller.speak('wait');
          await caller.agentAnswers();
        });
        assert.equal(during?.value('voice_calls_active'), 1);
        assert.equal(during?.value('voice_calls_total'), 0);
        const told = await PrometheusText.from(url);
        assert.equal(told.value('voice_calls_active'), 0);
        assert.equal(told.value('voice_calls_total', { outcome: 'completed' }), 1);
        assert.equal(told.value('voice_calls_total'), 1);
        assert.equal(told.value('voice_call_duration_seconds_count'), 1);
        const seconds = (name: string) => told.value(`${name}_sum`) ?? 0;
        assert.ok(
          Math.abs(seconds('voice_call_duration_seconds') - record.durationMs / 1000) < 0.01,
        );
        assert.ok(Math.abs(seconds('voice_dead_air_seconds') - record.deadAirMs / 1000) < 0.001);

        const responses = { stage: 'response' };
        const answers = record.turnTimings.length;
        assert.ok(answers >= 3);
        assert.equal(told.value('voice_turn_latency_seconds_count', responses), answers);
        const responseS =
          record.turnTimings.reduce((sum, { audibleMs }) => sum + audibleMs, 0) / 1000;
        const toldS = told.value('voice_turn_latency_seconds_sum', responses) ?? 0;
        assert.ok(Math.abs(toldS - responseS) < 0.001);

        const bargedIn = states.filter((state) => state === 'conversation.bargeIn').length;
        assert.ok(bargedIn >= 2);
        assert.equal(told.value('voice_barge_in_stop_seconds_count'), bargedIn);
        const edge = { machine: 'call', from: 'conversation.bargeIn', event: 'caller.ignored' };
        const resumes = told.value('voice_machine_transitions_total', edge);
        assert.ok(resumes !== undefined && resumes >= 1);
        assert.equal(told.value('voice_resumes_total', { what: 'speech' }), resumes);
        assert.equal(told.value('voice_machine_transitions_total', { to: 'other' }), undefined);
        const moves = told.value('voice_machine_transitions_total', { machine: 'call' });
        assert.equal(moves, states.length, 'from connecting to its end');

        for (const tool of ['hold_table', 'confirm_booking']) {
          assert.equal(
            told.value('voice_tool_calls_total', { tool, outcome: 'accepted' }),
            1,
            tool,
          );
        }
        assert.equal(told.value('voice_tool_calls_total'), 2);
        assert.equal(told.value('voice_tool_duration_seconds_count'), 2);
        assert.ok((told.value('voice_engine_requests_total', { outcome: 'completed' }) ?? 0) >= 5);
        assert.equal(told.value('voice_engine_failures_total'), 0);
        assert.ok((told.value('voice_engine_tokens_total', { direction: 'output' }) ?? 0) > 10);
        assert.equal(told.value('voice_http_requests_total', { route: '/', code: '200' }), 1);
        assert.ok((told.value('voice_playouts_total') ?? 0) >= bargedIn);
        assert.equal(told.value('voice_vllm_kv_cache_blocks'), 2048);
        assert.equal(told.value('voice_engine_takes_calls'), 1);
        assert.equal(told.value('voice_ready'), 1);
      },
    );
  });

  test('what goes wrong is in the figures', async () => {
    await CallStage.during({}, async (stage) => {
      const { orchestrator, ultravox, cartesia } = stage.stage;
      await stage.call(async (caller) => {
        await caller.agentAnswers();
        cartesia.faults.garbageFrame = true;
        await caller.speak('table');
        await caller.agentAnswers();
        ultravox.faults.errorInStream = 2;
        await caller.speak('hours');
        await caller.agentAnswers();
      });
      const wrong = await fetch(`${orchestrator.url}/`, { method: 'POST' });
      assert.equal(wrong.status, 403);
      const told = await PrometheusText.from(orchestrator.url);
      assert.ok((told.value('voice_tts_fallbacks_total') ?? 0) >= 1);
      assert.ok((told.value('voice_engine_failures_total', { kind: 'inStream' }) ?? 0) >= 1);
      assert.equal(told.value('voice_signature_rejects_total', { route: '/' }), 1);
      assert.equal(told.value('voice_http_requests_total', { route: '/', code: '403' }), 1);
    });
  });
});
