import type { AnyStateMachine } from 'xstate';
import { allNodes, ownTransitions } from './transitions.ts';

/** The types of events that only time brings: of `after`, and of `raise` with a delay. */
export function timedEventTypes(machine: AnyStateMachine): Set<string> {
  const nodes = allNodes(machine);
  const actions: unknown[] = [
    ...Object.values(machine.implementations.actions ?? {}),
    ...nodes.flatMap(({ entry, exit }) => [...entry, ...exit]),
    ...nodes.flatMap(ownTransitions).flatMap((transition) => transition.actions),
  ];
  const after = nodes
    .flatMap((node) => [...node.transitions.keys()])
    .filter((type) => type.startsWith('xstate.after.'));
  return new Set([...after, ...actions.flatMap(raisedLater)]);
}

function raisedLater(action: unknown): string[] {
  const { type, delay, event } = action as { type?: string; delay?: unknown; event?: unknown };
  if (type !== 'xstate.raise' || delay === undefined) return [];
  return [(event as { type: string }).type];
}

/**
 * The types of events that nobody but the root hears, and that lead to its final states only.
 * Those that time brings are not among them: whether they come depends on what is pending.
 */
export function endingEventTypes(machine: AnyStateMachine): Set<string> {
  const elsewhere = timedEventTypes(machine);
  for (const node of allNodes(machine)) {
    if (node === machine.root) continue;
    for (const type of node.transitions.keys()) elsewhere.add(type);
  }
  const ending = [...machine.root.transitions].filter(([, transitions]) =>
    transitions.every(({ target }) => target?.every(({ type }) => type === 'final')),
  );
  return new Set(ending.map(([type]) => type).filter((type) => !elsewhere.has(type)));
}
