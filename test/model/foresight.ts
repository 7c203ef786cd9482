import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { allNodes, guardName, ownTransitions } from './transitions.ts';

/** What can still decide how it goes on. */
export interface Foresight {
  guards: ReadonlySet<string>;
  events: ReadonlySet<string>;
}

/**
 * For every state without states of its own: the guards that may be asked and the events that may
 * be heard from there on. States that differ in nothing of this need to be explored only once.
 *
 * @returns by the node's id
 */
export function foresee(machine: AnyStateMachine): Map<string, Foresight> {
  const leaves = allNodes(machine).filter((node) => Object.keys(node.states).length === 0);
  return new Map(
    leaves.map((leaf) => {
      const transitions = [...reachableLeaves(leaf)].flatMap(transitionsIn);
      const guards = transitions.flatMap(({ guard }) => (guard ? [guardName(guard)] : []));
      const events = transitions.map(({ eventType }) => eventType);
      return [leaf.id, { guards: new Set(guards), events: new Set(events) }];
    }),
  );
}

function reachableLeaves(from: AnyStateNode): Set<AnyStateNode> {
  const reached = new Set([from]);
  for (const leaf of reached) {
    const targets = transitionsIn(leaf).flatMap(({ target }) => target ?? []);
    for (const next of targets.flatMap(firstLeaves)) reached.add(next);
  }
  return reached;
}

function firstLeaves(node: AnyStateNode): AnyStateNode[] {
  if (node.type === 'compound') return node.initial.target.flatMap(firstLeaves);
  return [node];
}

/** Of the state and of those around it. */
function transitionsIn(node: AnyStateNode): AnyTransitionDefinition[] {
  const around = node.parent ? transitionsIn(node.parent) : [];
  return [...ownTransitions(node), ...around];
}
