import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { STAGES } from '../src/call/turn-stages.ts';
import * as values from '../src/orchestrator/label-values.ts';
import { newMetrics } from '../src/orchestrator/metrics.ts';
import { readQuery } from './support/prom-query.ts';

const read = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
const metrics = newMetrics([]).descriptions();

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: { severity: string };
  annotations?: { summary?: string };
}

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { uid: string };
  fieldConfig?: { defaults: { unit: string; thresholds?: { steps: { value: number | null }[] } } };
  targets?: { refId: string; expr: string }[];
}

const { groups } = parse(read('alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  title: string;
  uid: string;
  panels: Panel[];
  templating: { list: { name: string }[] };
};
const shown = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = [
  ...rules.map(({ alert, record, expr }) => ({ at: alert ?? record ?? '', expr })),
  ...shown.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ at: title, expr }))),
].map(({ at, expr }) => ({ at, query: readQuery(expr.replaceAll('$__rate_interval', '5m')) }));

/** Names under which metrics can be asked for, with the labels that each then has. */
function askable(): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  const target = ['instance', 'job'];
  for (const { name, type, labels } of metrics) {
    if (type !== 'histogram') names.set(name, new Set([...labels, ...target]));
    for (const part of type === 'histogram' ? ['bucket', 'sum', 'count'] : []) {
      const edge = part === 'bucket' ? ['le'] : [];
      names.set(`${name}_${part}`, new Set([...labels, ...edge, ...target]));
    }
  }
  for (const { record } of rules) if (record) names.set(record, new Set());
  return names;
}

test('every metric and label that the dashboard and the alerts name exists', () => {
  const names = askable();
  for (const { at, query } of queries) {
    assert.ok(query.selectors.length > 0, at);
    for (const { name, labels } of query.selectors) {
      const known = names.get(name);
      assert.ok(known, `${name} in "${at}"`);
      for (const { label } of labels) assert.ok(known.has(label), `${label} of ${name} in "${at}"`);
    }
    const all = new Set(query.selectors.flatMap(({ name }) => [...(names.get(name) ?? [])]));
    for (const label of query.groupings) assert.ok(all.has(label), `${label} in "${at}"`);
  }
  assert.ok(queries.length > 90, 'expected to have read all of them');
});

/** Of labels whose values are asked for by name: all that there are. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'voice_calls_total outcome': values.OUTCOMES,
  'voice_engine_failures_total kind': values.ENGINE_FAILURES,
  'voice_calls_refused_total reason': values.REFUSALS,
  'voice_turn_latency_seconds_bucket stage': STAGES,
  'voice_turn_latency_seconds_count stage': STAGES,
  'voice_machine_transitions_total machine': ['call', 'engine'],
};

test('every value of a label that they name exists, and every edge of a histogram', async () => {
  const told = await newMetrics([]).text(
    {
      ready: true,
      calls: { active: 0, limit: 0, oldestMarkAgeMs: 0 },
      queue: { depth: 0, inSlot: 0, streaming: 0, predictedWaitMs: 0 },
      engine: { state: '', takesCalls: false },
      load: { utilisation: 0, waitMs: 0 },
      voiceContexts: 0,
      journal: { pending: 0, spooledBytes: 0, databaseUp: true, dropped: 0, refused: 0, fenced: 0 },
      shed: { log: 0, visualiser: 0 },
    },
    undefined,
  );
  let checked = 0;
  for (const { at, query } of queries) {
    for (const { name, labels } of query.selectors) {
      for (const { label, value } of labels.filter((each) => each.label !== 'instance')) {
        checked += 1;
        if (label === 'le')
          assert.ok(told.includes(`${name}{le="${value}"`), `${value} in "${at}"`);
        else {
          const known = VALUES[`${name} ${label}`];
          for (const each of value.split('|'))
            assert.ok(known?.includes(each), `${each} in "${at}"`);
        }
      }
    }
  }
  assert.ok(checked > 30);
});

test('every metric is described, as it is', () => {
  const rows = new Set(read('metrics.md').split('\n'));
  for (const { name, type, labels, help } of metrics) {
    const shownLabels = labels.map((label) => `\`${label}\``).join(', ') || '-';
    const row = `| \`${name}\` | ${type} | ${shownLabels} | ${help} |`;
    assert.ok(rows.has(row), `expected docs/metrics.md to hold\n${row}`);
  }
  const described = [...read('metrics.md').matchAll(/^\| `(voice_\w+)` \|/gm)];
  const names = new Set(metrics.map(({ name }) => name));
  for (const [, name = ''] of described) assert.ok(names.has(name), `${name} does not exist`);
});

test('names follow the conventions of Prometheus', () => {
  for (const { name, type, help } of metrics) {
    assert.match(name, /^(voice|process|nodejs)_[a-z0-9]+(_[a-z0-9]+)*$/);
    if (!name.startsWith('voice_')) continue;
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    if (type === 'histogram') assert.match(name, /_seconds$/);
    assert.doesNotMatch(name, /_(ms|milliseconds|kb|percent|count|bucket|sum)$/);
    assert.ok(help.length > 10 && !help.endsWith('.') && !help.includes('|'), name);
  }
});

test('every metric of ours is on the dashboard', () => {
  const asked = new Set(
    shown
      .flatMap(({ targets = [] }) => targets)
      .flatMap(({ expr }) => readQuery(expr.replaceAll('$__rate_interval', '5m')).selectors)
      .map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')),
  );
  for (const { name } of metrics.filter((metric) => metric.name.startsWith('voice_'))) {
    assert.ok(asked.has(name), name);
  }
});

test('alerts say how urgent they are, in a sentence, and name nothing twice', () => {
  const alerts = rules.filter(({ alert }) => alert);
  for (const { alert, labels, annotations } of alerts) {
    assert.match(alert ?? '', /^Voice[A-Z]\w+$/);
    assert.ok(['page', 'ticket'].includes(labels?.severity ?? ''), alert);
    assert.ok((annotations?.summary?.length ?? 0) > 15, alert);
  }
  const names = rules.map(({ alert, record }) => alert ?? record);
  assert.equal(new Set(names).size, names.length);
});

test('each of the three targets has a page with two windows and a ticket for its budget', () => {
  const of = (alert: string) => rules.find((rule) => rule.alert === alert);
  const targets = { VoiceUnavailable: 0.005, VoiceCallsFailing: 0.01, VoiceAnswersSlow: 0.05 };
  for (const [alert, budget] of Object.entries(targets)) {
    const page = of(alert);
    const ticket = of(`${alert}OverBudget`);
    assert.deepEqual([page?.labels?.severity, ticket?.labels?.severity], ['page', 'ticket']);
    const factors = [...(page?.expr.matchAll(/> ([\d.]+) \* ([\d.]+)/g) ?? [])];
    assert.deepEqual(
      factors.map(([, factor, share]) => [Number(factor), Number(share)]),
      [14.4, 14.4, 6, 6].map((factor) => [factor, budget]),
    );
    for (const window of ['1h', '5m', '6h', '30m']) assert.ok(page?.expr.includes(window), window);
    for (const window of ['3d', '6h']) assert.ok(ticket?.expr.includes(window), window);
    assert.ok(ticket?.expr.includes(`> ${budget}`), alert);
  }
});

test('Grafana can lay the dashboard out, and its panels say what they show', () => {
  assert.ok(dashboard.title && dashboard.uid);
  assert.deepEqual(
    dashboard.templating.list.map(({ name }) => name),
    ['datasource', 'instance'],
  );
  const ids = dashboard.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const taken = new Set<string>();
  for (const { title, gridPos } of dashboard.panels) {
    const { x, y, w, h } = gridPos;
    assert.ok(title && x >= 0 && w > 0 && h > 0 && x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        assert.ok(!taken.has(`${column},${line}`), `${title} lies on another panel`);
        taken.add(`${column},${line}`);
      }
    }
  }
  for (const { title, datasource, fieldConfig, targets = [] } of shown) {
    assert.match(datasource?.uid ?? '', /^\$\{datasource\}$/, title);
    assert.ok(fieldConfig?.defaults.unit, title);
    const refIds = targets.map(({ refId }) => refId);
    assert.ok(refIds.length > 0 && new Set(refIds).size === refIds.length, title);
  }
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  assert.deepEqual(rows, [
    'Calls',
    'Latency',
    'Queue and engine',
    'Voice and tools',
    'Errors and records',
    'Process',
  ]);
  const response = shown.find(({ title }) => title === 'Response');
  const line = response?.fieldConfig?.defaults.thresholds?.steps.map(({ value }) => value);
  assert.deepEqual(line, [null, 0.6], 'a line at 600 ms');
});

test('a query that is none is not read as one', () => {
  const { selectors, groupings } = readQuery(
    'sum by (le) (rate(a_bucket{x="1",y!~"2|3"}[5m])) > 0.5',
  );
  assert.deepEqual(groupings, ['le']);
  assert.deepEqual(selectors, [
    {
      name: 'a_bucket',
      labels: [
        { label: 'x', value: '1' },
        { label: 'y', value: '2|3' },
      ],
    },
  ]);
  for (const wrong of ['sum(a', 'a{b="c}', 'averge(a)', 'a & b', 'sum)a(']) {
    assert.throws(() => readQuery(wrong), Error, wrong);
  }
});
