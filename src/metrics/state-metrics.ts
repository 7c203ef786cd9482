import { Counter, Gauge, type Registry } from 'prom-client';
import type { EngineProcessReading } from './engine-process-metrics.ts';
import { fixedLabel, OTHER } from './fixed-label.ts';

/** How things stand at one moment. */
export interface Readings {
  /** Whether the next call would be taken. */
  ready: boolean;
  calls: { active: number; limit: number; oldestMarkAgeMs: number };
  queue: { depth: number; inSlot: number; streaming: number; predictedWaitMs: number };
  engine: { state: string; takesCalls: boolean };
  /** Where it is run here. */
  engineProcess?: EngineProcessReading | undefined;
  /** What one more call would meet at the engine. */
  load: { utilisation: number; waitMs: number };
  voiceContexts: number;
  journal: {
    /** Entries in memory only. */
    pending: number;
    spooledBytes: number;
    databaseUp: boolean;
    /** Since the process began, as are `refused` and `fenced`. */
    dropped: number;
    refused: number;
    fenced: number;
  };
  /** What was given up as the process was behind, since it began. */
  shed: Readonly<Record<'log' | 'visualiser', number>>;
}

export interface StateLabels {
  engineStates: readonly string[];
}

/** @returns what sets the gauges to how things stand, right before they are read */
export function stateMetrics(
  registry: Registry,
  labels: StateLabels,
): (readings: Readings) => void {
  const set = {
    calls: callGauges(registry),
    journal: journalGauges(registry),
    shed: shedTotal(registry),
  };
  const setEngine = engineGauges(registry, labels);
  return (readings) => {
    set.calls(readings);
    set.journal(readings);
    set.shed(readings);
    setEngine(readings);
  };
}

type Setter = (readings: Readings) => void;

function gauge(registry: Registry, name: string, help: string): (value: number | boolean) => void {
  const made = new Gauge({ name, help, registers: [registry] });
  return (value) => made.set(Number(value));
}

/** A count that is kept elsewhere. */
function total(registry: Registry, name: string, help: string): (value: number) => void {
  const made = new Counter({ name, help, registers: [registry] });
  return (value) => {
    made.reset();
    made.inc(value);
  };
}

function callGauges(registry: Registry): Setter {
  const ready = gauge(registry, 'voice_ready', '1: the next call would be taken; as /ready says');
  const active = gauge(registry, 'voice_calls_active', 'Live calls of this process');
  const limit = gauge(registry, 'voice_calls_limit', 'Live calls that this process may have');
  const age = gauge(
    registry,
    'voice_mark_age_seconds',
    'The oldest mark that has not come back, of all live calls; above 2 s a line has stalled',
  );
  const contexts = gauge(
    registry,
    'voice_tts_contexts',
    'Replies that the first voice speaks at once',
  );
  return (readings) => {
    ready(readings.ready);
    active(readings.calls.active);
    limit(readings.calls.limit);
    age(readings.calls.oldestMarkAgeMs / 1000);
    contexts(readings.voiceContexts);
  };
}

function engineGauges(registry: Registry, { engineStates }: StateLabels): Setter {
  const depth = gauge(registry, 'voice_engine_queue_depth', 'Requests in line for the engine');
  const slot = gauge(registry, 'voice_engine_in_slot', "Requests that hold the engine's slot");
  const streams = gauge(registry, 'voice_engine_streams', 'Replies that are being written');
  const wait = gauge(
    registry,
    'voice_engine_predicted_wait_seconds',
    'How long a caller who begins to wait now can expect to stand in line',
  );
  const utilisation = gauge(
    registry,
    'voice_admission_utilisation_ratio',
    "The share of the engine's time that would be taken with one more call",
  );
  const admissionWait = gauge(
    registry,
    'voice_admission_wait_seconds',
    'How long 1 request in 20 would stand in line with one more call',
  );
  const takes = gauge(registry, 'voice_engine_takes_calls', '1: the engine is trusted with calls');
  const state = new Gauge({
    name: 'voice_engine_state',
    help: "1 for the state in which the engine's machine is",
    labelNames: ['state'],
    registers: [registry],
  });
  const label = fixedLabel(engineStates);
  return ({ queue, engine, load }) => {
    depth(queue.depth);
    slot(queue.inSlot);
    streams(queue.streaming);
    wait(queue.predictedWaitMs / 1000);
    utilisation(load.utilisation);
    admissionWait(load.waitMs / 1000);
    takes(engine.takesCalls);
    for (const each of [...engineStates, OTHER]) {
      state.set({ state: each }, Number(each === label(engine.state)));
    }
  };
}

function journalGauges(registry: Registry): Setter {
  const pending = gauge(
    registry,
    'voice_journal_pending_entries',
    'Entries of the journal in memory only',
  );
  const spooled = gauge(
    registry,
    'voice_journal_spooled_bytes',
    'What of the journal is on the disk, as the database has not taken it',
  );
  const up = gauge(registry, 'voice_journal_database_up', '1: the database takes entries');
  const dropped = total(
    registry,
    'voice_journal_dropped_total',
    'Entries of the journal that are lost: there was no room',
  );
  const refused = total(
    registry,
    'voice_journal_refused_total',
    'Entries of the journal that the database did not accept',
  );
  const fenced = total(
    registry,
    'voice_journal_fenced_total',
    'Entries of the journal about calls that another process had taken over',
  );
  return ({ journal }) => {
    pending(journal.pending);
    spooled(journal.spooledBytes);
    up(journal.databaseUp);
    dropped(journal.dropped);
    refused(journal.refused);
    fenced(journal.fenced);
  };
}

function shedTotal(registry: Registry): Setter {
  const made = new Counter({
    name: 'voice_shed_total',
    help: 'Lines of the log and messages to viewers that were given up so that no sound is late',
    labelNames: ['what'],
    registers: [registry],
  });
  return ({ shed }) => {
    made.reset();
    for (const [what, count] of Object.entries(shed)) made.inc({ what }, count);
  };
}
