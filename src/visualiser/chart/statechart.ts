/** A machine as what is drawn of it: its states and its transitions, without what they do. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { type Cause, causeOf } from './cause.ts';

export interface Statechart {
  /** The machine's name. */
  id: string;
  /** The machine itself first, and every state before those within it. */
  states: ChartState[];
  /** In the order of the machine's text, one for each pair of source and target. */
  edges: ChartEdge[];
}

export interface ChartState {
  /**
   * Relative to the machine, such as `conversation.listening.waiting`; the machine itself is ``.
   */
  path: string;
  name: string;
  kind: 'atomic' | 'compound' | 'final';
  description: string;
  /** The state around it; undefined for the machine itself. */
  parent: string | undefined;
  /** The state within that is entered first. */
  initial: string | undefined;
  /** The actors that live as long as the state is active. */
  invokes: string[];
}

export interface ChartEdge {
  source: string;
  target: string;
  /** No two are the same. */
  causes: Cause[];
  /** The types of their events as XState reports them; `always` for those that need none. */
  eventTypes: string[];
  /** The happy path: the machine's `meta.main`. */
  isMain: boolean;
}

/** @throws {TypeError} for a parallel or history state: neither is drawn yet */
export function statechartOf(machine: AnyStateMachine): Statechart {
  const nodes = withDescendants(machine.root);
  return { id: machine.id, states: nodes.map(stateOf), edges: edgesOf(nodes) };
}

/** The state itself and those around it, the innermost first, the machine last. */
export function pathsAround(path: string): string[] {
  if (path === '') return [''];
  const names = path.split('.');
  return [...names.map((_, index) => names.slice(0, names.length - index).join('.')), ''];
}

/** Is the state inside the other one, at any depth? */
export function isWithin(path: string, outer: string): boolean {
  return path !== outer && pathsAround(path).includes(outer);
}

function withDescendants(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(withDescendants)];
}

function stateOf(node: AnyStateNode): ChartState {
  const { type } = node;
  if (type === 'parallel' || type === 'history') {
    throw new TypeError(`expected atomic, compound and final states, got ${type} in ${node.id}`);
  }
  const initial = type === 'compound' ? node.initial.target?.[0] : undefined;
  return {
    path: pathOf(node),
    name: node.key,
    kind: type,
    description: node.description ?? '',
    parent: node.parent ? pathOf(node.parent) : undefined,
    initial: initial && pathOf(initial),
    invokes: node.invoke.map(({ id }) => id),
  };
}

function edgesOf(nodes: AnyStateNode[]): ChartEdge[] {
  const edges = new Map<string, ChartEdge>();
  for (const node of nodes) {
    for (const alternatives of [...node.transitions.values(), node.always ?? []]) {
      for (const transition of alternatives) {
        // A transition without a target leaves the state as it is: there is no way to draw.
        for (const target of transition.target ?? []) {
          const edge = edgeBetween(pathOf(node), pathOf(target), edges);
          const eventType = transition.eventType || 'always';
          if (!edge.eventTypes.includes(eventType)) edge.eventTypes.push(eventType);
          addCause(edge.causes, causeOf(transition, alternatives));
          edge.isMain ||= transition.meta?.main === true;
        }
      }
    }
  }
  return [...edges.values()];
}

function edgeBetween(source: string, target: string, edges: Map<string, ChartEdge>): ChartEdge {
  const key = `${source} ${target}`;
  const known = edges.get(key);
  if (known) return known;
  const edge: ChartEdge = { source, target, causes: [], eventTypes: [], isMain: false };
  edges.set(key, edge);
  return edge;
}

function addCause(causes: Cause[], { event, guard }: Cause): void {
  const isKnown = causes.some((known) => known.event === event && known.guard === guard);
  if (!isKnown) causes.push({ event, guard });
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}
