/**
 * What must not be in any machine: a state or a transition that cannot be reached, and a state
 * without a bounded exit.
 *
 * A state has a **bounded exit** when the silence of the world is enough to leave it. Wherever the
 * machine is while the state is active, a timer is pending that it hears; and however many of the
 * pending timers fire, in any order, the state is left after finitely many of them. So neither the
 * values of the delays nor anybody's goodwill matters: a state of its own `after`, of an `after`
 * around it, or of a delayed `raise` (as long as it is pending) can be left; a state that waits for
 * an event, for an `after` whose guard may say no, or that shuttles between timers cannot.
 */
import type { AnyStateNode } from 'xstate';
import type { MachineModel, ModelState } from './machine-model.ts';
import { describePath, type Path, type Step } from './paths.ts';
import { allNodes, declaredTransitions, transitionName } from './transitions.ts';

export interface FaultOptions {
  /** Ids of states that may last for ever: nothing is under way in them. */
  mayRest?: readonly string[];
  /** The machine as a whole must end by silence alone. */
  mustEnd?: boolean;
}

/**
 * @param paths all shortest paths of one machine, perhaps by several inputs
 * @returns one sentence for each fault
 */
export function machineFaults(paths: readonly Path[], options: FaultOptions = {}): string[] {
  const places = placesOf(paths);
  return [
    ...unreachableParts(paths),
    ...statesToLeave(modelOf(paths), options).flatMap((node) => {
      const why = lasting(node, places);
      return why ? [`${node.id} has no bounded exit, ${why}`] : [];
    }),
  ];
}

/** As `machineFaults`, without the bounded exits: those need paths with timers in every order. */
export function unreachableParts(paths: readonly Path[]): string[] {
  const { machine, initial } = modelOf(paths);
  const lastSteps = paths.map(({ steps }) => steps.at(-1)!);
  const taken = new Set(lastSteps.flatMap(({ to }) => to.taken));
  const reached = new Set<AnyStateNode>(initial.snapshot._nodes);
  for (const node of new Set(lastSteps.flatMap(({ to }) => to.snapshot._nodes))) reached.add(node);
  // States that are left within a step are never seen at rest.
  for (const { source } of taken) reached.add(source);
  return [
    ...allNodes(machine)
      .filter((node) => !reached.has(node))
      .map(({ id }) => `${id} cannot be reached`),
    ...declaredTransitions(machine)
      .filter((transition) => !taken.has(transition))
      .map((transition) => `${transitionName(transition)} can never be taken`),
  ];
}

/** Those that must be left. */
function statesToLeave(
  { machine }: MachineModel,
  { mayRest = [], mustEnd = false }: FaultOptions,
): AnyStateNode[] {
  return allNodes(machine).filter(
    (node) =>
      node.type !== 'final' && !mayRest.includes(node.id) && (mustEnd || node !== machine.root),
  );
}

/** Where the machine may be, and what can happen there when only time passes. */
interface Place {
  state: ModelState;
  /** How it got there. */
  path: Path;
  timers: Step[];
}

function placesOf(paths: readonly Path[]): Map<ModelState['key'], Place> {
  const places = new Map<ModelState['key'], Place>();
  for (const path of paths) {
    const last = path.steps.at(-1)!;
    const before = { ...path, steps: path.steps.slice(0, -1) };
    for (const [state, way] of [
      [last.from, before],
      [last.to, path],
    ] as const) {
      if (state.snapshot.status !== 'active' || places.has(state.key)) continue;
      places.set(state.key, { state, path: way, timers: [] });
    }
    if (path.model.isTimed(last.event)) places.get(last.from.key)?.timers.push(last);
  }
  return places;
}

/** Why the state may last for ever, if it may: a search for a silence without an end. */
function lasting(node: AnyStateNode, places: ReadonlyMap<string, Place>): string | undefined {
  const left = new Set<string>();
  const onTheWay = new Set<string>();
  const walk = (key: string): string | undefined => {
    const place = places.get(key);
    if (!place || left.has(key) || !place.state.snapshot._nodes.includes(node)) return undefined;
    const way = () => describePath(place.path);
    if (onTheWay.has(key)) return `its timers lead in a circle: ${way()}`;
    if (place.timers.length === 0) return `no timer is pending: ${way()}`;
    onTheWay.add(key);
    const why = place.timers.map(({ to }) => walk(to.key)).find(Boolean);
    onTheWay.delete(key);
    left.add(key);
    return why;
  };
  return [...places.keys()].map(walk).find(Boolean);
}

function modelOf([path]: readonly Path[]): MachineModel {
  if (!path) throw new Error('expected a machine to which something can happen');
  return path.model;
}
