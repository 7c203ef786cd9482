/** Every value that a label of our metrics may have. A type that grows makes this file not compile. */
import type { CallOutcome } from '../../machines/call-protocol.ts';
import type { SpeculationNote } from '../journal/call-event.ts';
import type { Refusal } from '../server/server-options.ts';
import type { VoiceErrorKind } from '../tts/voice.ts';
import type { Playout } from '../twilio/playout-log.ts';
import type { EngineErrorKind } from '../ultravox/engine-error.ts';
import type { Priority } from '../ultravox/engine-ticket.ts';
import type { Passage } from '../ultravox/queue-passage.ts';
import type { VllmState } from '../ultravox/vllm-process.ts';

function all<Value extends string>(values: Record<Value, true>): Value[] {
  return Object.keys(values) as Value[];
}

export const OUTCOMES = all<CallOutcome>({
  completed: true,
  abandoned: true,
  timedOut: true,
  handedOff: true,
  voicemail: true,
  machine: true,
  continued: true,
  lost: true,
  refused: true,
  failed: true,
});

export const REFUSALS = all<Refusal>({ draining: true, full: true, engine: true, load: true });

export const SPECULATIONS = all<SpeculationNote['how']>({ used: true, dropped: true });

export const PLAYOUTS = all<Playout['how']>({ echoed: true, overdue: true, cleared: true });

export const PRIORITIES = all<Priority>({ waiting: true, speculative: true, background: true });

export const REQUEST_OUTCOMES = all<Passage['how']>({
  completed: true,
  cancelled: true,
  failed: true,
});

export const VLLM_STATES = all<VllmState>({
  stopped: true,
  starting: true,
  loading: true,
  warming: true,
  ready: true,
  ending: true,
  crashed: true,
});

export const ENGINE_FAILURES = all<EngineErrorKind>({
  unreachable: true,
  http: true,
  inStream: true,
  firstTokenStall: true,
  tokenStall: true,
  garbage: true,
  cutShort: true,
  queueFull: true,
  deadline: true,
});

export const VOICE_FAILURES = all<VoiceErrorKind>({
  refused: true,
  limited: true,
  stalled: true,
  lost: true,
  garbage: true,
  failed: true,
});
