/** The drawings of the machines: complete, readable, and the same as the machines' text. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate';
import { callMachine } from '../machines/call.ts';
import { engineMachine } from '../machines/engine.ts';
import { drawings } from '../src/visualiser/chart/drawings.ts';
import {
  type Box,
  grown,
  lineBox,
  overlap,
  type Point,
  stretches,
} from '../src/visualiser/chart/geometry.ts';
import { type Layout, layoutOf } from '../src/visualiser/chart/layout.ts';
import { titleBox } from '../src/visualiser/chart/sizes.ts';
import { type Statechart, statechartOf } from '../src/visualiser/chart/statechart.ts';

const MACHINES: AnyStateMachine[] = [callMachine, engineMachine];
const drawn = new Map<string, string>();
for (const machine of MACHINES) {
  for (const [name, content] of await drawings(machine)) drawn.set(name, content);
}
const file = (name: string) => drawn.get(name) ?? assert.fail(`${name} was not drawn`);
const svg = (machine: AnyStateMachine) => file(`${machine.id}.svg`);

test('the committed drawings are those of the machines', () => {
  assert.equal(drawn.size, 6);
  for (const [name, content] of drawn) {
    const committed = readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
    assert.ok(committed === content, `docs/${name} is not what the machine says: run npm run draw`);
  }
});

test('every state is drawn once, under an id that no other drawing has', () => {
  const ids = MACHINES.flatMap((machine) =>
    [...svg(machine).matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id),
  );
  assert.equal(new Set(ids).size, ids.length);
  for (const machine of MACHINES) {
    const states = statesOf(machine).filter((node) => node.parent);
    assert.ok(states.length >= 8);
    for (const { path, description } of states) {
      const name = path.join('.');
      assert.ok(ids.includes(`${machine.id}-state-${name}`), name);
      const group = new RegExp(`<g class="state [^>]*data-path="${name}"><title>([^<]*)</title>`);
      assert.equal(group.exec(svg(machine))?.[1]?.replaceAll('&quot;', '"'), description);
    }
  }
});

test('every transition is an edge, those without events, of timers and of errors too', () => {
  for (const machine of MACHINES) {
    const edges = edgesIn(svg(machine));
    const declared = statesOf(machine).flatMap((node) =>
      [...node.transitions.values(), node.always ?? []].flat().map((transition) => ({
        source: node.path.join('.'),
        target: transition.target?.[0]?.path.join('.'),
        event: transition.eventType || 'always',
      })),
    );
    // Without a target there is no way to draw.
    const drawable = declared.filter(({ target }) => target !== undefined);
    for (const { source, target, event } of drawable) {
      const edge = edges.find((other) => other.source === source && other.target === target);
      assert.ok(edge?.events.includes(event), `${event} from ${source} to ${target}`);
    }
    const drawnOnce = new Set(edges.map(({ source, target }) => `${source} ${target}`));
    assert.equal(drawnOnce.size, edges.length);
    for (const kind of [/^xstate\.after\./, /^xstate\.error\./]) {
      assert.ok(declared.some(({ event }) => kind.test(event)));
    }
  }
  assert.ok(edgesIn(svg(callMachine)).some(({ events }) => events.includes('always')));
});

test('a drawing fits a page that allows no styles within it', () => {
  const style = readFileSync(new URL('../src/visualiser/chart/chart.css', import.meta.url), 'utf8');
  for (const machine of MACHINES) {
    assert.match(svg(machine), /^<svg [^>]*role="img"[^>]*>\n<style>/);
    assert.equal(svg(machine).split('<style>').length, 2);
    assert.ok(svg(machine).includes(`<style>\n${style}</style>`));
    assert.doesNotMatch(svg(machine), /\sstyle=|<script|\son\w+=|href=/);
  }
});

test('the definition as data makes the same machine again', () => {
  for (const machine of MACHINES) {
    const again = createMachine(JSON.parse(file(`${machine.id}.json`)));
    assert.deepEqual(statechartOf(again), statechartOf(machine));
  }
});

test('Mermaid is told every state before any transition, and every transition', () => {
  for (const machine of MACHINES) {
    const lines = file(`${machine.id}.mmd`).split('\n');
    assert.equal(lines[0], 'stateDiagram-v2');
    const { states, edges } = statechartOf(machine);
    const firstArrow = lines.findIndex((line) => / --> |note /.test(line) && !line.includes('[*]'));
    for (const { path, name } of states.slice(1)) {
      const id = `s_${path.replaceAll('.', '_')}`;
      const at = lines.findIndex((line) => line.includes(`state "${name}`) && hasWord(line, id));
      assert.ok(at > 0 && at < firstArrow, path);
    }
    const told = lines.filter((line) => / --> .*:|note /.test(line));
    assert.equal(told.length, edges.length);
  }
});

for (const machine of MACHINES) {
  test(`nothing in the drawing of ${machine.id} lies over anything else`, async () => {
    const chart = statechartOf(machine);
    const layout = await layoutOf(chart);
    assert.deepEqual(overlaps(chart, layout), []);
    assert.deepEqual(strayLines(layout), []);
    assert.deepEqual(outside(chart, layout), []);
  });
}

test('a machine without a way past the happy path is drawn too', async () => {
  const chart = statechartOf(
    createMachine({
      id: 'lamp',
      initial: 'off',
      states: {
        off: { on: { press: { target: 'on', meta: { main: true } } } },
        on: { on: { press: 'off' } },
      },
    }),
  );
  const layout = await layoutOf(chart);
  assert.equal(layout.routes.length, 2);
  assert.deepEqual([...overlaps(chart, layout), ...strayLines(layout)], []);
});

test('nothing but the drawing loads ELK', () => {
  const files = globSync('src/**/*.ts').map((path) => path.replaceAll('\\', '/'));
  const importing = (what: RegExp) => files.filter((path) => what.test(readFileSync(path, 'utf8')));
  assert.deepEqual(importing(/^import (?!type )[^;]*'elkjs/m), ['src/visualiser/chart/elk.ts']);
  const outsiders = importing(/from '[^']*\/chart\/[^']*'/);
  assert.deepEqual(outsiders, ['src/draw.ts']);
});

function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const all = (node: AnyStateNode): AnyStateNode[] => [
    node,
    ...Object.values(node.states).flatMap(all),
  ];
  return all(machine.root);
}

function edgesIn(drawing: string): { source: string; target: string; events: string[] }[] {
  const groups = drawing.matchAll(
    /<g class="edge[^"]*" data-source="([^"]*)" data-target="([^"]*)" data-events="([^"]*)">/g,
  );
  return [...groups].map(([, source = '', target = '', events = '']) => ({
    source,
    target,
    events: events.split(' '),
  }));
}

function hasWord(line: string, word: string): boolean {
  return line.split(/\s/).includes(word);
}

/** Boxes, texts and marks over one another, and lines through any of them. */
function overlaps(chart: Statechart, { boxes, initials, routes }: Layout): string[] {
  const boxOf = (path: string) => boxes.get(path) ?? assert.fail(path);
  const leaves = chart.states.filter(({ kind }) => kind !== 'compound');
  const solid: { name: string; box: Box }[] = [
    ...leaves.map(({ path }) => ({ name: path, box: boxOf(path) })),
    ...chart.states
      .filter(({ kind }) => kind === 'compound')
      .map((state) => ({
        name: `title of ${state.path}`,
        box: titleBox(state, boxOf(state.path)),
      })),
    ...initials.map((box) => ({ name: 'initial', box })),
    ...routes.map(({ edge, label }) => ({ name: `${edge.source} to ${edge.target}`, box: label })),
  ];
  const over = solid.flatMap((one, index) =>
    solid
      .slice(index + 1)
      .filter((other) => overlap(one.box, other.box))
      .map((other) => `${one.name} over ${other.name}`),
  );
  const through = routes.flatMap((route) => {
    const own = `${route.edge.source} to ${route.edge.target}`;
    return solid
      .filter(({ name }) => name !== own)
      .filter(({ box }) => crosses(route.points, box))
      .map(({ name }) => `${own} through ${name}`);
  });
  return [...over, ...through];
}

/** A line that touches a border, as it does at its ends, does not cross. */
function crosses(points: readonly Point[], box: Box): boolean {
  const inside = grown(box, -1);
  return stretches(points).some(([a, b]) => overlap(grown(lineBox(a, b), 0.5), inside));
}

/**
 * Lines that are slanted, do not begin and end at their states' borders, or do not pass their
 * label.
 */
function strayLines({ boxes, routes }: Layout): string[] {
  return routes
    .filter(({ edge, points, label }) => {
      const [source, target] = [boxes.get(edge.source), boxes.get(edge.target)];
      const isSlanted = stretches(points).some(([a, b]) => a.x !== b.x && a.y !== b.y);
      // Beside the line of a state to itself, on any other.
      const distance = edge.source === edge.target ? 8 : 1;
      const passesLabel = stretches(points).some(([a, b]) =>
        overlap(grown(lineBox(a, b), distance), label),
      );
      return (
        isSlanted ||
        !passesLabel ||
        !isOnBorder(points[0], source) ||
        !isOnBorder(points.at(-1), target)
      );
    })
    .map(({ edge }) => `${edge.source} to ${edge.target}`);
}

function isOnBorder(point: Point | undefined, box: Box | undefined): boolean {
  if (!point || !box) return false;
  const at = { ...point, width: 0, height: 0 };
  return overlap(grown(at, 0.6), box) && !overlap(grown(at, 0.6), grown(box, -1.2));
}

/** What is not within the state around it, and labels outside the frame. */
function outside(chart: Statechart, { boxes, routes }: Layout): string[] {
  const contains = (outer: Box | undefined, inner: Box | undefined) =>
    outer !== undefined &&
    inner !== undefined &&
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height;
  const states = chart.states
    .filter(({ parent }) => parent !== undefined)
    .filter(({ path, parent }) => !contains(boxes.get(parent ?? ''), boxes.get(path)))
    .map(({ path }) => path);
  const labels = routes.filter(({ label }) => !contains(boxes.get(''), label));
  return [...states, ...labels.map(({ edge }) => `label of ${edge.source} to ${edge.target}`)];
}
