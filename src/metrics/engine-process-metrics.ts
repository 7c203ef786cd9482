import { Counter, Gauge, type Registry } from 'prom-client';
import { fixedLabel, OTHER } from './fixed-label.ts';

export interface EngineProcessLabels {
  engineProcessStates: readonly string[];
}

export interface EngineProcessReading {
  state: string;
  /** Since our own process began. */
  starts: number;
}

/** @returns what sets them, right before they are read; undefined: the engine runs elsewhere */
export function engineProcessMetrics(
  registry: Registry,
  { engineProcessStates: states }: EngineProcessLabels,
): (reading: EngineProcessReading | undefined) => void {
  const registers = [registry];
  const state = new Gauge({
    name: 'voice_engine_process_state',
    help: '1 for the state of the vLLM that is run here; absent where it runs elsewhere',
    labelNames: ['state'],
    registers,
  });
  const starts = new Counter({
    name: 'voice_engine_process_starts_total',
    help: 'How often vLLM was started here; each start after the first follows a crash',
    registers,
  });
  const label = fixedLabel(states);
  return (reading) => {
    if (!reading) return;
    for (const each of [...states, OTHER]) {
      state.set({ state: each }, Number(each === label(reading.state)));
    }
    starts.reset();
    starts.inc(reading.starts);
  };
}
