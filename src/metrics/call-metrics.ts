import { Counter, Histogram, type Registry } from 'prom-client';
import { fixedLabel, OTHER } from './fixed-label.ts';
import {
  BARGE_IN_EDGES_S,
  CALL_EDGES_S,
  SILENCE_EDGES_S,
  SOUND_LATE_EDGES_S,
  TOOL_EDGES_S,
  TURN_EDGES_S,
} from './latency-edges.ts';

/** All values that labels of calls may have. */
export interface CallLabels {
  outcomes: readonly string[];
  stages: readonly string[];
  tools: readonly string[];
  /** How a generation of sound may end. */
  playouts: readonly string[];
  /** What may become of an answer that was prepared at a pause. */
  speculations: readonly string[];
}

export interface EndedCall {
  outcome: string;
  /** Undefined: no stream of ours ever started, and there is nothing to be timed. */
  callSid: string | undefined;
  durationMs: number;
  /** The longest that the caller waited and heard nothing. */
  deadAirMs: number;
}

/** What happens in calls, one function for each kind of it. */
export interface CallMetrics {
  ended(call: EndedCall): void;
  /** @param stages ms by stage */
  answered(stages: Readonly<Record<string, number>>): void;
  /** @param stopMs from the caller's first sample until the agent was stopped */
  bargedIn(stopMs: number): void;
  /** The agent was stopped by what was no interruption, and goes on. */
  speechResumed(): void;
  /** @param wastedMs of the engine's work */
  speculated(outcome: string, wastedMs: number): void;
  toolEnded(tool: string, accepted: boolean, ms: number): void;
  /** @param lateMs by how much the latest of its messages was sent after its moment */
  playoutEnded(how: string, lateMs: number): void;
}

export function callMetrics(registry: Registry, labels: CallLabels): CallMetrics {
  const registers = [registry];
  const bargeIn = new Histogram({
    name: 'voice_barge_in_stop_seconds',
    help: 'From the first sample of a caller who speaks over the agent until the agent is stopped',
    buckets: BARGE_IN_EDGES_S,
    registers,
  });
  const resumes = new Counter({
    name: 'voice_resumes_total',
    help: 'What was broken off and went on: speech, after a noise that was no interruption',
    labelNames: ['what'],
    registers,
  });
  const playouts = new Counter({
    name: 'voice_playouts_total',
    help: 'Generations of sound by how they ended: overdue ones had a mark that never came back',
    labelNames: ['how'],
    registers,
  });
  const late = new Histogram({
    name: 'voice_sound_late_seconds',
    help: 'By how much the latest message of a generation of sound was sent after its moment',
    buckets: SOUND_LATE_EDGES_S,
    registers,
  });
  for (const how of labels.playouts) playouts.inc({ how }, 0);
  resumes.inc({ what: 'speech' }, 0);
  const how = fixedLabel(labels.playouts);
  return {
    ended: ended(registry, labels.outcomes),
    answered: answered(registry, labels.stages),
    bargedIn: (stopMs) => bargeIn.observe(stopMs / 1000),
    speechResumed: () => resumes.inc({ what: 'speech' }),
    speculated: speculated(registry, labels.speculations),
    toolEnded: toolEnded(registry, labels.tools),
    playoutEnded: (end, lateMs) => {
      playouts.inc({ how: how(end) });
      late.observe(lateMs / 1000);
    },
  };
}

function ended(registry: Registry, outcomes: readonly string[]): CallMetrics['ended'] {
  const registers = [registry];
  const calls = new Counter({
    name: 'voice_calls_total',
    help: 'Calls whose media stream ended, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of outcomes) calls.inc({ outcome }, 0);
  const duration = new Histogram({
    name: 'voice_call_duration_seconds',
    help: 'From the start of the media stream to the end of the call',
    buckets: CALL_EDGES_S,
    registers,
  });
  const deadAir = new Histogram({
    name: 'voice_dead_air_seconds',
    help: 'The longest silence in which the caller waited, of each call',
    buckets: SILENCE_EDGES_S,
    registers,
  });
  const label = fixedLabel(outcomes);
  return ({ outcome, callSid, durationMs, deadAirMs }) => {
    calls.inc({ outcome: label(outcome) });
    if (callSid === undefined) return;
    duration.observe(durationMs / 1000);
    deadAir.observe(deadAirMs / 1000);
  };
}

function answered(registry: Registry, stages: readonly string[]): CallMetrics['answered'] {
  const latency = new Histogram({
    name: 'voice_turn_latency_seconds',
    help: "Parts of an answer; response is all of it, from the caller's last sample to the first byte",
    labelNames: ['stage'],
    buckets: TURN_EDGES_S,
    registers: [registry],
  });
  for (const stage of stages) latency.zero({ stage });
  return (times) => {
    for (const stage of stages) {
      const ms = times[stage];
      if (ms !== undefined) latency.observe({ stage }, Math.max(0, ms) / 1000);
    }
  };
}

function speculated(registry: Registry, outcomes: readonly string[]): CallMetrics['speculated'] {
  const registers = [registry];
  const answers = new Counter({
    name: 'voice_speculations_total',
    help: 'Answers prepared at a pause: used, or dropped as the caller went on',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of outcomes) answers.inc({ outcome }, 0);
  const wasted = new Counter({
    name: 'voice_speculation_wasted_seconds_total',
    help: "The engine's time, in its slot and writing, that went into prepared answers for nothing",
    registers,
  });
  const label = fixedLabel(outcomes);
  return (outcome, wastedMs) => {
    answers.inc({ outcome: label(outcome) });
    wasted.inc(wastedMs / 1000);
  };
}

function toolEnded(registry: Registry, tools: readonly string[]): CallMetrics['toolEnded'] {
  const registers = [registry];
  const calls = new Counter({
    name: 'voice_tool_calls_total',
    help: 'Tools that the model called, by name and outcome; other is a name that it made up',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'voice_tool_duration_seconds',
    help: 'How long tools worked',
    buckets: TOOL_EDGES_S,
    registers,
  });
  for (const tool of [...tools, OTHER]) {
    for (const outcome of ['accepted', 'refused']) calls.inc({ tool, outcome }, 0);
  }
  const label = fixedLabel(tools);
  return (tool, accepted, ms) => {
    calls.inc({ tool: label(tool), outcome: accepted ? 'accepted' : 'refused' });
    duration.observe(ms / 1000);
  };
}
