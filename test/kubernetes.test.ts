import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '../src/config.ts';
import { stateMetrics } from '../src/metrics/state-metrics.ts';
import { SteeredProcess, startSteeredServer } from './support/steered-server.ts';

/** After the grace period: goodbyes (15 s), the last summaries (10 s), the journal (5 s). */
const ENDS_WITHIN_S = 30;
const SECRETS = {
  TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a token',
  CARTESIA_API_KEY: 'a key',
  DATABASE_URL: 'postgres://calls@postgres/calls',
  CALLER_KEY_SECRET: 'a secret',
  API_TOKEN: 'a token that is long enough',
};

const file = new URL('../docs/kubernetes.yaml', import.meta.url);
const source = readFileSync(file, 'utf8');
const documents = parseAllDocuments(source, { uniqueKeys: true });
// biome-ignore lint/suspicious/noExplicitAny: Kubernetes' own schema is not at hand; each field is asserted.
const objects = documents.map((each) => each.toJS() as any);
const of = (kind: string) => objects.find((each) => each.kind === kind);
const pod = of('Deployment').spec.template;
const [container] = pod.spec.containers;
const given: Record<string, string> = Object.fromEntries(
  container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
);

test('the example for Kubernetes parses, and its objects name each other', () => {
  assert.deepEqual(
    documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
    [],
  );
  const kinds = ['Deployment', 'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'];
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    kinds,
  );
  const { labels } = pod.metadata;
  const { spec } = of('Deployment');
  assert.deepEqual(spec.selector.matchLabels, labels);
  assert.deepEqual(of('Service').spec.selector, labels);
  assert.deepEqual(of('PodDisruptionBudget').spec.selector.matchLabels, labels);
  const scaled = of('HorizontalPodAutoscaler').spec.scaleTargetRef;
  assert.deepEqual([scaled.kind, scaled.name], ['Deployment', of('Deployment').metadata.name]);
  assert.equal(of('Service').spec.sessionAffinity, 'None');
});

test('its settings are settings, and its secrets are all that is missing', () => {
  const config = loadConfig({ ...SECRETS, ...given });
  for (const [name, value] of Object.entries(given)) {
    assert.equal(String(config[name as keyof typeof config]), value, name);
  }
  for (const name of Object.keys(SECRETS)) assert.match(source, new RegExp(`# .*\\b${name}\\b`));
  const [port] = container.ports;
  assert.equal(port.containerPort, config.PORT);
  assert.equal(of('Service').spec.ports[0].targetPort, port.name);
  assert.equal(pod.metadata.annotations['prometheus.io/port'], String(config.PORT));
  const mounts = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  assert.ok(mounts.includes(config.DATA_DIRECTORY), 'the root is read-only');
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  const average = Number(of('HorizontalPodAutoscaler').spec.metrics[0].pods.target.averageValue);
  assert.ok(average > 0 && average < config.MAX_CALLS);
});

test('a pod that is told to go has the time for its calls, each of which has the time for its cap', () => {
  const { SHUTDOWN_GRACE_SECONDS, MAX_CALL_MINUTES } = loadConfig({ ...SECRETS, ...given });
  const before = container.lifecycle.preStop.sleep.seconds;
  const whole = pod.spec.terminationGracePeriodSeconds;
  assert.ok(whole >= before + SHUTDOWN_GRACE_SECONDS + ENDS_WITHIN_S, `${whole} s are too few`);
  assert.ok(SHUTDOWN_GRACE_SECONDS > MAX_CALL_MINUTES * 60);
});

test('its probes ask what the server answers: only readiness follows engine and load', async (t) => {
  const rest = new SteeredProcess();
  const { app, twilio } = await startSteeredServer(rest);
  t.after(() => app.close());
  const ask = async ({ httpGet }: { httpGet: { path: string; port: string } }) => {
    assert.equal(httpGet.port, container.ports[0].name);
    return (await twilio.get(httpGet.path, { signature: undefined })).status;
  };
  const { readinessProbe, livenessProbe, startupProbe } = container;
  assert.equal(await ask(readinessProbe), 200);
  for (const refusal of ['draining', 'full', 'engine', 'load'] as const) {
    rest.refusal = refusal;
    assert.equal(await ask(readinessProbe), 503);
    assert.equal(await ask(livenessProbe), 200);
    assert.equal(await ask(startupProbe), 200);
  }
});

test('it scales on a metric that the server has', () => {
  const { name } = of('HorizontalPodAutoscaler').spec.metrics[0].pods.metric;
  const registry = new Registry();
  stateMetrics(registry, { engineStates: [] });
  assert.ok(registry.getSingleMetric(name), `${name} is not among the gauges`);
  assert.equal(pod.metadata.annotations['prometheus.io/path'], '/metrics');
});
