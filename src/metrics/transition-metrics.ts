import { Counter, type Registry } from 'prom-client';
import { OTHER } from './fixed-label.ts';

/** From one state of a machine to another, because of an event. */
export interface Edge {
  machine: string;
  from: string;
  to: string;
  event: string;
}

/** @param declared What machines may do; whatever else they did counts as `other`. */
export function transitionMetrics(
  registry: Registry,
  declared: readonly Edge[],
): (edge: Edge) => void {
  const transitions = new Counter({
    name: 'voice_machine_transitions_total',
    help: 'Changes of state of the statecharts, by edge',
    labelNames: ['machine', 'from', 'to', 'event'],
    registers: [registry],
  });
  const known = new Set(declared.map(keyOf));
  const machines = new Set(declared.map(({ machine }) => machine));
  return (edge) => {
    if (known.has(keyOf(edge))) return transitions.inc({ ...edge });
    const machine = machines.has(edge.machine) ? edge.machine : OTHER;
    transitions.inc({ machine, from: OTHER, to: OTHER, event: OTHER });
  };
}

function keyOf({ machine, from, to, event }: Edge): string {
  return [machine, from, to, event].join(' ');
}
