import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'smol-toml';
import { loadConfig } from '../src/config.ts';
import { cerebriumProblems, cerebriumSchema } from '../src/doctor/cerebrium-file.ts';
import { vllmArguments } from '../src/ultravox/vllm-command.ts';
import { dockerignore, execForm, lastOf, parseDockerfile } from './support/dockerfile.ts';
import { SteeredProcess, startSteeredServer } from './support/steered-server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SERVERS = ['cerebrium.toml', 'cerebrium.orchestrator.toml'];
const ENGINE = 'cerebrium.engine.toml';
/** After the grace period: goodbyes (15 s), the last summaries (10 s), the journal (5 s). */
const ENDS_WITHIN_S = 30;
const config = loadConfig({
  PUBLIC_URL: 'https://calls.example',
  TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a token',
  CARTESIA_API_KEY: 'a key',
  HF_TOKEN: 'a token',
});

/** Those that Cerebrium's reference lists. */
const KEYS: Record<string, readonly string[]> = {
  deployment: ['name', 'disable_auth', 'include', 'exclude', 'deployment_initialization_timeout'],
  'runtime.custom': ['dockerfile_path', 'port', 'healthcheck_endpoint', 'readycheck_endpoint'],
  hardware: ['compute', 'gpu_count', 'cpu', 'memory', 'region'],
  scaling: [
    ...['min_replicas', 'max_replicas', 'replica_concurrency', 'scaling_metric', 'scaling_target'],
    ...['scaling_buffer', 'evaluation_interval_seconds', 'cooldown', 'response_grace_period'],
    ...['load_balancing_algorithm', 'compute_tier', 'roll_out_duration_seconds'],
  ],
};

// biome-ignore lint/suspicious/noExplicitAny: Cerebrium's own schema is not at hand; each field is asserted.
type Section = Record<string, any>;

function sectionsOf(file: string): Record<string, Section> {
  const { deployment, runtime, hardware, scaling, ...rest } = parse(
    readFileSync(join(ROOT, file), 'utf8'),
  ).cerebrium as Section;
  assert.deepEqual(Object.keys(rest), []);
  return { deployment, 'runtime.custom': runtime.custom, hardware, scaling };
}

test('the files for Cerebrium have keys that it knows, and name files that are there', () => {
  for (const file of [...SERVERS, ENGINE]) {
    const sections = sectionsOf(file);
    for (const [name, known] of Object.entries(KEYS)) {
      const strange = Object.keys(sections[name] ?? {}).filter((key) => !known.includes(key));
      assert.deepEqual(strange, [], `${file}, ${name}`);
    }
    assert.ok(existsSync(join(ROOT, sections['runtime.custom']?.dockerfile_path)), file);
    const { min_replicas, max_replicas, scaling_target } = sections.scaling ?? {};
    assert.ok(min_replicas >= 1 && max_replicas > min_replicas, file);
    assert.ok(scaling_target > 0 && scaling_target <= 100, file);
    assert.match(sections.hardware?.region, /^us-east-1$/, 'all of it in one region');
  }
});

test('what a Dockerfile copies is sent to Cerebrium', () => {
  const isSent = dockerignore(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  for (const file of SERVERS) {
    const sections = sectionsOf(file);
    const { include, exclude } = sections.deployment as { include: string[]; exclude: string[] };
    const dockerfile = sections['runtime.custom']?.dockerfile_path.replace(/^\.\//, '');
    const needed = globSync('{package*.json,machines/**,docs/*,src/**}', { cwd: ROOT })
      .filter((path) => statSync(join(ROOT, path)).isFile() && isSent(path))
      .concat(dockerfile);
    const missing = needed.filter(
      (path) =>
        !include.some((pattern) => matchesGlob(path, pattern)) ||
        exclude.some((pattern) => matchesGlob(path, pattern)),
    );
    assert.ok(needed.length > 200);
    assert.deepEqual(missing, [], file);
  }
});

test('a call may last as long there as the server lets it, and so may a shutdown', () => {
  for (const file of SERVERS) {
    const { scaling = {} } = sectionsOf(file);
    const { response_grace_period: grace, replica_concurrency: concurrency } = scaling;
    assert.ok(grace >= config.MAX_CALL_MINUTES * 60 + 60, `${file}: ${grace} s are too few`);
    assert.ok(grace >= config.SHUTDOWN_GRACE_SECONDS + ENDS_WITHIN_S, `${file}: ${grace} s`);
    assert.ok(concurrency <= config.MAX_CALLS, `${file}: ${concurrency} calls are too many`);
  }
});

test('doctor has nothing to say about them', () => {
  for (const file of SERVERS) {
    const parsed = cerebriumSchema.parse(parse(readFileSync(join(ROOT, file), 'utf8')));
    const problems = cerebriumProblems(parsed, {
      port: config.PORT,
      maxCalls: config.MAX_CALLS,
      callCapS: config.MAX_CALL_MINUTES * 60,
      shutdownGraceS: config.SHUTDOWN_GRACE_SECONDS,
    });
    assert.deepEqual(problems, [], file);
  }
});

test('the endpoints are the server’s, and a failing engine restarts nobody', async (t) => {
  const rest = new SteeredProcess();
  const { app, twilio } = await startSteeredServer(rest);
  t.after(() => app.close());
  const ask = async (path: string) => (await twilio.get(path, { signature: undefined })).status;
  for (const file of SERVERS) {
    const { healthcheck_endpoint: health, readycheck_endpoint: ready } =
      sectionsOf(file)['runtime.custom'] ?? {};
    rest.refusal = undefined;
    assert.deepEqual([await ask(health), await ask(ready)], [200, 200], file);
    rest.refusal = 'engine';
    assert.deepEqual([await ask(health), await ask(ready)], [200, 503], file);
  }
});

test('the engine’s app starts vLLM as the server would, for everybody in its network', () => {
  const { 'runtime.custom': custom, scaling, deployment } = sectionsOf(ENGINE);
  assert.equal(deployment?.disable_auth, false, 'vLLM itself asks nobody for a key');
  const [stage] = parseDockerfile(readFileSync(join(ROOT, custom?.dockerfile_path), 'utf8'));
  const ours = vllmArguments({
    command: config.VLLM_COMMAND,
    model: config.ULTRAVOX_MODEL,
    port: config.VLLM_PORT,
    gpuMemoryUtilization: config.VLLM_GPU_MEMORY_UTILIZATION,
    maxModelLen: config.VLLM_MAX_MODEL_LEN,
    dtype: config.VLLM_DTYPE,
    maxNumSeqs: config.VLLM_MAX_NUM_SEQS,
    extraArgs: [],
  });
  const expected = ['vllm', ...ours].map((word) => (word === '127.0.0.1' ? '0.0.0.0' : word));
  assert.deepEqual(execForm(lastOf(stage!, 'CMD')), expected);
  assert.equal(custom?.port, config.VLLM_PORT);
  assert.equal(lastOf(stage!, 'EXPOSE'), String(config.VLLM_PORT));
  assert.ok(scaling?.replica_concurrency <= config.VLLM_MAX_NUM_SEQS);
});
