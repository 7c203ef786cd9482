/** Feeds the figures that Prometheus reads: from calls, queue, server, and how things stand. */
import type { InspectionEvent } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import { engineMachine } from '../../machines/engine.ts';
import { statePath } from '../../machines/state-path.ts';
import type { CallObserver } from '../call/call-services.ts';
import { STAGES, stagesOf } from '../call/turn-stages.ts';
import type { Call } from '../call.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import type { ServerWatch } from '../server/metrics.ts';
import type { VoiceErrorKind } from '../tts/voice.ts';
import type { Passage } from '../ultravox/queue-passage.ts';
import { declaredEdges, eventName, statePaths } from './declared-edges.ts';
import {
  ENGINE_FAILURES,
  OUTCOMES,
  PLAYOUTS,
  PRIORITIES,
  REFUSALS,
  REQUEST_OUTCOMES,
  SPECULATIONS,
  VLLM_STATES,
  VOICE_FAILURES,
} from './label-values.ts';
import { PROGRAM_VERSION } from './program-version.ts';

/** @param tools the names of those that the model is offered */
export function newMetrics(tools: readonly string[]): Metrics {
  return createMetrics({
    version: PROGRAM_VERSION,
    outcomes: OUTCOMES,
    stages: STAGES,
    tools,
    playouts: PLAYOUTS,
    speculations: SPECULATIONS,
    priorities: PRIORITIES,
    requestOutcomes: REQUEST_OUTCOMES,
    failures: ENGINE_FAILURES,
    voiceFailures: VOICE_FAILURES,
    refusals: REFUSALS,
    engineStates: statePaths(engineMachine),
    engineProcessStates: VLLM_STATES,
    edges: Object.entries({ call: callMachine, engine: engineMachine }).flatMap(
      ([machine, statechart]) => declaredEdges(statechart).map((edge) => ({ machine, ...edge })),
    ),
  });
}

export interface MetricsFeed {
  readonly observer: CallObserver;
  readonly server: ServerWatch;
  inspectEngine(event: InspectionEvent): void;
  onRequestEnded(passage: Passage): void;
  onVoiceFallback(kind: VoiceErrorKind): void;
}

export function metricsFeed(metrics: Metrics): MetricsFeed {
  return {
    observer: callObserver(metrics),
    server: metrics.server,
    inspectEngine: engineInspector(metrics),
    onRequestEnded: (passage) => metrics.engine.requestEnded(requestOf(passage)),
    onVoiceFallback: (kind) => metrics.engine.voiceFellBack(kind),
  };
}

function callObserver({ calls, transition }: Metrics): CallObserver {
  const states = new WeakMap<Call, string>();
  return {
    onState: (call, to, eventType) => {
      const from = states.get(call);
      states.set(call, to);
      if (from === undefined) return;
      const event = eventName(eventType);
      transition({ machine: 'call', from, to, event });
      if (from === 'conversation.bargeIn' && event === 'caller.ignored') calls.speechResumed();
    },
    onTurn: (_call, timing) => calls.answered({ ...stagesOf(timing) }),
    onSpeculation: (_call, { how, wastedMs }) => calls.speculated(how, wastedMs),
    onTool: (_call, { name, accepted, beganAt, endedAt }) =>
      calls.toolEnded(name, accepted, Math.max(0, endedAt - beganAt)),
    onBargeIn: (_call, stopMs) => calls.bargedIn(stopMs),
    onPlayout: (_call, { how, sent }) =>
      calls.playoutEnded(how, Math.max(0, ...sent.map(([, , lateMs]) => lateMs))),
    onEnded: (_call, record) => calls.ended(record),
  };
}

function engineInspector({ transition }: Metrics): MetricsFeed['inspectEngine'] {
  let from: string | undefined;
  return (event) => {
    // Of the machine itself, and not of the actors that work for it.
    if (event.type !== '@xstate.snapshot' || event.actorRef.sessionId !== event.rootId) return;
    const to = statePath((event.snapshot as { value?: never }).value ?? '');
    if (from !== undefined && from !== to) {
      transition({ machine: 'engine', from, to, event: eventName(event.event.type) });
    }
    from = to;
  };
}

function requestOf({ priority, how, failure, timing, endedAtMs, finish }: Passage) {
  const { queuedAtMs, startedAtMs, firstTokenAtMs } = timing;
  const { usage } = finish ?? {};
  // Who was still in line at a failure or an abort has waited until then, and was not served.
  const isStarted = startedAtMs !== undefined;
  return {
    priority,
    outcome: how,
    failure,
    waitMs: (startedAtMs ?? endedAtMs) - queuedAtMs,
    firstTokenMs: isStarted && firstTokenAtMs ? firstTokenAtMs - startedAtMs : undefined,
    tokens: usage && { input: usage.promptTokens, output: usage.completionTokens },
  };
}
