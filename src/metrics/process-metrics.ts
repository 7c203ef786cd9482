import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * Memory, CPU, garbage collection and event-loop delay, under the names that all Node programs have.
 * One for the process, whoever asks: each of its own would watch the event loop once more, for ever.
 */
export function processMetrics(): Registry {
  if (registry) return registry;
  registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
