/** Of what vLLM tells of itself: a few figures, under our names. Everything else is left out. */

interface Exported {
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  /** vLLM's names for it, the newest first. */
  from: readonly string[];
  /** The figure is in this label, and not the sample's value. */
  label?: string;
  /** How engines behind one address become one figure. */
  join: 'sum' | 'max';
}

export const VLLM_METRICS: readonly Exported[] = [
  {
    name: 'voice_vllm_requests_running',
    type: 'gauge',
    help: 'Requests that vLLM works on, those of others included',
    from: ['vllm:num_requests_running'],
    join: 'sum',
  },
  {
    name: 'voice_vllm_requests_waiting',
    type: 'gauge',
    help: 'Requests that wait inside of vLLM',
    from: ['vllm:num_requests_waiting'],
    join: 'sum',
  },
  {
    name: 'voice_vllm_kv_cache_usage_ratio',
    type: 'gauge',
    help: 'How full the KV cache on the GPU is: 1 is full',
    from: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
    join: 'max',
  },
  {
    name: 'voice_vllm_gpu_memory_utilization_ratio',
    type: 'gauge',
    help: "The share of the GPU's memory that vLLM was given",
    from: ['vllm:cache_config_info'],
    label: 'gpu_memory_utilization',
    join: 'max',
  },
  {
    name: 'voice_vllm_kv_cache_blocks',
    type: 'gauge',
    help: 'Blocks of KV cache that fit into the memory of the GPU',
    from: ['vllm:cache_config_info'],
    label: 'num_gpu_blocks',
    join: 'sum',
  },
  {
    name: 'voice_vllm_preemptions_total',
    type: 'counter',
    help: 'Requests that lost their place in the KV cache and began again',
    from: ['vllm:num_preemptions_total'],
    join: 'sum',
  },
  {
    name: 'voice_vllm_prefix_cache_queries_total',
    type: 'counter',
    help: 'Tokens that were looked up in the prefix cache',
    from: ['vllm:prefix_cache_queries_total'],
    join: 'sum',
  },
  {
    name: 'voice_vllm_prefix_cache_hits_total',
    type: 'counter',
    help: 'Tokens that the prefix cache held',
    from: ['vllm:prefix_cache_hits_total'],
    join: 'sum',
  },
];

/**
 * @param text in Prometheus's text format; undefined: the engine told nothing
 * @returns the same format; empty where there is nothing of what we want
 */
export function vllmExposition(text: string | undefined): string {
  if (text === undefined) return '';
  const samples = samplesOf(text);
  return VLLM_METRICS.flatMap((metric) => {
    const value = figureOf(metric, samples);
    if (value === undefined) return [];
    const { name, help, type } = metric;
    return [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`];
  }).join('');
}

interface Sample {
  labels: string;
  value: string;
}

const WANTED = new Set(VLLM_METRICS.flatMap(({ from }) => from));
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;

function samplesOf(text: string): Map<string, Sample[]> {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (!WANTED.has(name)) continue;
    samples.set(name, [...(samples.get(name) ?? []), { labels, value }]);
  }
  return samples;
}

function figureOf(
  { from, label, join }: Exported,
  samples: ReadonlyMap<string, readonly Sample[]>,
): number | undefined {
  const name = from.find((each) => samples.has(each));
  const values = (samples.get(name ?? '') ?? [])
    .map(({ labels, value }) => Number((label ? labelOf(labels, label) : value) || Number.NaN))
    .filter(Number.isFinite);
  if (values.length === 0) return undefined;
  return join === 'max' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
}

function labelOf(labels: string, name: string): string | undefined {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
}
