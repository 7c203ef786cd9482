/** How vLLM is started: what it is told, and what of our environment it gets to see. */

export interface VllmSettings {
  /** The program, by its path or as `PATH` has it. */
  command: string;
  model: string;
  /** Of the loopback interface. */
  port: number;
  /** The share of the GPU's memory that it may take, 0 to 1. */
  gpuMemoryUtilization: number;
  /** Tokens, prompt and reply together. */
  maxModelLen: number;
  dtype: string;
  /** Replies that it writes at once. */
  maxNumSeqs: number;
  /** Come last, and so replace what is set here. */
  extraArgs: readonly string[];
  hfToken?: string | undefined;
  /** Where models are kept; on storage that outlives the container, they are loaded only once. */
  hfHome?: string | undefined;
  apiKey?: string | undefined;
}

/** Of our own machine only: its health and its metrics ask nobody for a key. */
const HOST = '127.0.0.1';

/** Where it serves, with the version. */
export function vllmUrl(port: number): string {
  return `http://${HOST}:${port}/v1`;
}

export function vllmArguments(settings: VllmSettings): string[] {
  return [
    ...['serve', settings.model],
    ...['--host', HOST],
    ...['--port', String(settings.port)],
    '--trust-remote-code',
    ...['--dtype', settings.dtype],
    ...['--max-model-len', String(settings.maxModelLen)],
    ...['--gpu-memory-utilization', String(settings.gpuMemoryUtilization)],
    ...['--max-num-seqs', String(settings.maxNumSeqs)],
    ...FLAGS,
    ...settings.extraArgs,
  ];
}

const FLAGS = [
  '--enable-prefix-caching',
  // One for each turn of a call whose sound is still in its history.
  ...['--limit-mm-per-prompt', '{"audio":60}'],
  // vLLM's own guess follows the chat template, and with a template for tool calls it drops the sound.
  ...['--chat-template-content-format', 'string'],
  '--enable-auto-tool-choice',
  ...['--tool-call-parser', 'llama3_json'],
  // Requests hold the callers' words. The flag is there from vLLM 0.10.1 on.
  '--no-enable-log-requests',
  '--disable-uvicorn-access-log',
];

/**
 * Not ours with its secrets: what programs need to run, Python, the GPU, the way out to the model
 * hub, and vLLM's own variables.
 *
 * @param env ours
 */
export function vllmEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  settings: VllmSettings,
): Record<string, string> {
  const passed = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && PASSED.test(name) && !WITHHELD.test(name) ? [[name, value]] : [],
  );
  return {
    ...Object.fromEntries(passed),
    ...(settings.hfToken && { HF_TOKEN: settings.hfToken }),
    ...(settings.hfHome && { HF_HOME: settings.hfHome }),
    // In the arguments, everybody on the machine could read it.
    ...(settings.apiKey && { VLLM_API_KEY: settings.apiKey }),
    // Otherwise lines come late, and the last ones before a crash never.
    PYTHONUNBUFFERED: '1',
    NO_COLOR: '1',
    // It reports its use to its makers by default.
    VLLM_NO_USAGE_STATS: '1',
    DO_NOT_TRACK: '1',
  };
}

const PASSED = new RegExp(
  `^(${[
    'PATH|HOME|USER|LOGNAME|LANG|LC_\\w+|TZ|TMPDIR|XDG_CACHE_HOME|LD_LIBRARY_PATH',
    'HF_\\w+|TRANSFORMERS_\\w+|VLLM_\\w+',
    'CUDA_\\w+|NVIDIA_\\w+|NCCL_\\w+|TORCH\\w*|PYTORCH_\\w+|TRITON_\\w+|OMP_NUM_THREADS',
    'PYTHONPATH|VIRTUAL_ENV|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE',
    'HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy',
  ].join('|')})$`,
);

/**
 * Settings of ours that share vLLM's prefix: its own VLLM_PORT is that of its inner connections, and
 * it must not be the one on which it serves. Its debug logs would hold the callers' words.
 */
const WITHHELD =
  /^(HF_TOKEN|VLLM_(API_KEY|COMMAND|PORT|GPU_MEMORY_UTILIZATION|MAX_MODEL_LEN|DTYPE|MAX_NUM_SEQS|EXTRA_ARGS|(DEBUG_LOG|LOGGING_CONFIG)\w*))$/;
