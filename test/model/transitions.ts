import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** Every transition that the machine declares, `always` and `after` included. */
export function declaredTransitions(machine: AnyStateMachine): AnyTransitionDefinition[] {
  return allNodes(machine).flatMap(ownTransitions);
}

/** In the order of the document, the root first. */
export function allNodes(machine: AnyStateMachine): AnyStateNode[] {
  const walk = (node: AnyStateNode): AnyStateNode[] => [
    node,
    ...Object.values(node.states as Record<string, AnyStateNode>).flatMap(walk),
  ];
  return walk(machine.root);
}

export function ownTransitions(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

/**
 * `source --event[guard]--> target`, for people, and to know a transition again in another instance
 * of its machine: every `provide()` makes new objects.
 */
export function transitionName({
  source,
  eventType,
  guard,
  target,
}: AnyTransitionDefinition): string {
  const when = guard ? `[${guardName(guard)}]` : '';
  const targets = target?.map(({ id }) => id).join(', ') ?? source.id;
  return `${source.id} --${eventType || 'always'}${when}--> ${targets}`;
}

/** @param guard As a transition has it: a name, an object with a name, or a function. */
export function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  const { type, name } = guard as { type?: string; name?: string };
  return type ?? name ?? '';
}
