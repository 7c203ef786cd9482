/** The figures of one server, as Prometheus reads them. */
import { Gauge, Registry } from 'prom-client';
import { type CallLabels, type CallMetrics, callMetrics } from './call-metrics.ts';
import { type EngineLabels, type EngineMetrics, engineMetrics } from './engine-metrics.ts';
import { type EngineProcessLabels, engineProcessMetrics } from './engine-process-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { type ServerLabels, type ServerMetrics, serverMetrics } from './server-metrics.ts';
import { type Readings, type StateLabels, stateMetrics } from './state-metrics.ts';
import { type Edge, transitionMetrics } from './transition-metrics.ts';
import { VLLM_METRICS, vllmExposition } from './vllm-exposition.ts';

export interface MetricsOptions
  extends CallLabels,
    EngineLabels,
    EngineProcessLabels,
    ServerLabels,
    StateLabels {
  /** Of the program. */
  version: string;
  /** What the statecharts may do. */
  edges: readonly Edge[];
}

/** What a metric is, for people. */
export interface MetricDescription {
  name: string;
  type: string;
  help: string;
  labels: readonly string[];
}

export interface Metrics {
  readonly calls: CallMetrics;
  readonly engine: EngineMetrics;
  readonly server: ServerMetrics;
  transition(edge: Edge): void;
  readonly contentType: string;
  /**
   * @param readings how things stand now
   * @param vllmText what vLLM tells of itself; undefined: nothing
   */
  text(readings: Readings, vllmText: string | undefined): Promise<string>;
  /** All that there is, whether or not it has a value. */
  descriptions(): MetricDescription[];
}

/** All values of labels are on the lists of `options`, or declared by the program: nobody's words. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const build = new Gauge({
    name: 'voice_build_info',
    help: 'Always 1; the label is what counts',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version: options.version }, 1);
  const setState = stateMetrics(registry, options);
  const setEngineProcess = engineProcessMetrics(registry, options);
  const ofProcess = processMetrics();
  return {
    calls: callMetrics(registry, options),
    engine: engineMetrics(registry, options),
    server: serverMetrics(registry, options),
    transition: transitionMetrics(registry, options.edges),
    contentType: registry.contentType,
    text: async (readings, vllmText) => {
      setState(readings);
      setEngineProcess(readings.engineProcess);
      const own = await Promise.all([registry.metrics(), ofProcess.metrics()]);
      return own.join('') + vllmExposition(vllmText);
    },
    descriptions: () => [
      ...[registry, ofProcess].flatMap(descriptionsOf),
      ...VLLM_METRICS.map(({ name, type, help }) => ({ name, type, help, labels: [] })),
    ],
  };
}

interface Described {
  name: string;
  help: string;
  labelNames?: readonly string[];
}

function descriptionsOf(registry: Registry): MetricDescription[] {
  // prom-client's types tell neither the labels nor that each metric is of a class of its own.
  const metrics = registry.getMetricsAsArray() as unknown as Described[];
  return metrics.map((metric) => {
    const { name, help, labelNames = [] } = metric;
    return { name, help, type: metric.constructor.name.toLowerCase(), labels: labelNames };
  });
}
