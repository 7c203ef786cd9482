/**
 * All ways through a machine, as shortest paths: one for each edge that leaves a state that goes on
 * in its own way (see `ModelState.key`).
 */
import type { AnyTransitionDefinition, EventObject } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { type MachineModel, type ModelState, pathOf } from './machine-model.ts';
import { transitionName } from './transitions.ts';

export interface Step {
  event: EventObject;
  from: ModelState;
  to: ModelState;
}

export interface Path {
  model: MachineModel;
  steps: readonly Step[];
}

/** More than any machine of ours has by far: with these, its context has no end. */
const MOST_EDGES = 100_000;

/** @throws when there are too many edges */
export function shortestPaths(model: MachineModel): Path[] {
  const logic = {
    transition: (state: ModelState, event: EventObject) => model.next(state, event),
    getInitialSnapshot: () => model.initial,
  };
  const expanded = new Set<string>();
  const ends = new Set<string>();
  // States are visited in the order of their distance, so the first way into one is a shortest, and
  // what leaves it need not be explored again for the others.
  const events = (state: ModelState) => {
    if (expanded.has(state.key)) return [];
    expanded.add(state.key);
    return model.events(state).filter((event) => {
      const end = model.endOf(state, event);
      const isNew = end === undefined || !ends.has(end);
      if (end !== undefined) ends.add(end);
      return isNew;
    });
  };
  const found = getShortestPaths(logic as never, {
    fromState: model.initial as never,
    events: events as never,
    serializeState: edgeKey as never,
    limit: MOST_EDGES,
  }) as unknown as { steps: { state: ModelState; event: EventObject }[] }[];
  // Paths share their steps, as they are branches of one tree.
  const known = new Map<ModelState, Step>();
  return found.flatMap(({ steps: [, ...steps] }) => {
    const shared = steps.map(({ event, state: to }, at) => {
      const step = known.get(to) ?? { event, from: steps[at - 1]?.state ?? model.initial, to };
      known.set(to, step);
      return step;
    });
    return isIgnored(shared.at(-1)) ? [] : [{ model, steps: shared }];
  });
}

function edgeKey(state: ModelState, event?: EventObject, from?: ModelState): string {
  return `${from?.key} --${event && JSON.stringify(event)}--> ${state.key}`;
}

/** The start alone, or something that changes nothing. */
function isIgnored(last: Step | undefined): boolean {
  return !last || (last.to.taken.length === 0 && last.to.key === last.from.key);
}

/** Without those that another begins with. */
export function withoutPrefixes(paths: readonly Path[]): Path[] {
  const inner = new Set(paths.flatMap(({ steps }) => steps.slice(0, -1).map(({ to }) => to)));
  return paths.filter(({ steps }) => !inner.has(steps.at(-1)!.to));
}

/**
 * Fewer, which still take every edge from every place, and reach every state of the model: of
 * edges that differ only in the context in which they are taken one is kept.
 */
export function essentialPaths(paths: readonly Path[]): Path[] {
  const seen = new Set<string>();
  const essential = paths.filter(({ steps }) => {
    const { event, from, to } = steps.at(-1)!;
    const [before, after] = [from, to].map(({ snapshot }) => pathOf(snapshot));
    const edge = `${before} ${JSON.stringify(event)} ${to.taken.map(transitionName)} ${after}`;
    const isNew = !seen.has(edge) || !seen.has(to.key);
    seen.add(edge).add(to.key);
    return isNew;
  });
  return withoutPrefixes(essential);
}

/**
 * As few as a greedy choice finds that together take all of these transitions, as far as any path
 * takes them. Of paths that take equally much that is new, the earlier is chosen.
 */
export function coveringPaths(
  paths: readonly Path[],
  transitions: readonly AnyTransitionDefinition[],
): Path[] {
  const missing = new Set(transitions);
  let candidates = distinct(paths);
  const chosen: Path[] = [];
  for (;;) {
    for (const one of candidates) one.news = one.news.filter((taken) => missing.has(taken));
    candidates = candidates.filter(({ news }) => news.length > 0);
    const [first, ...others] = candidates;
    if (!first) return chosen;
    const best = others.reduce((a, b) => (b.news.length > a.news.length ? b : a), first);
    chosen.push(best.path);
    for (const transition of best.news) missing.delete(transition);
  }
}

/** The first of those that take the same transitions. */
function distinct(paths: readonly Path[]): { path: Path; news: AnyTransitionDefinition[] }[] {
  const numbers = new Map<AnyTransitionDefinition, number>();
  const found = new Map<string, { path: Path; news: AnyTransitionDefinition[] }>();
  for (const path of paths) {
    const news = [...new Set(transitionsOf(path))];
    for (const transition of news) {
      if (!numbers.has(transition)) numbers.set(transition, numbers.size);
    }
    const key = news
      .map((transition) => numbers.get(transition)!)
      .sort()
      .join();
    if (!found.has(key)) found.set(key, { path, news });
  }
  return [...found.values()];
}

export function transitionsOf({ steps }: Path): AnyTransitionDefinition[] {
  return steps.flatMap(({ to }) => to.taken);
}

/** As `caller.spoke > after idle`. */
export function describePath({ steps }: Path): string {
  return steps.map(({ event }) => eventName(event)).join(' > ') || 'its start';
}

export function eventName({ type, ...rest }: EventObject): string {
  const name = type.replace(/^xstate\.(after)\.([^.]+)\..*/, '$1 $2').replace(/^xstate\./, '');
  const details = Object.values(rest)
    .flatMap((value) => (typeof value === 'object' ? Object.values(value ?? {}) : value))
    .join(', ');
  return details ? `${name}(${details})` : name;
}
