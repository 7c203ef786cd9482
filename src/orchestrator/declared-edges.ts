/** Which changes of state a machine can show: a list, so that nothing else is ever counted by name. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

export interface DeclaredEdge {
  from: string;
  to: string;
  event: string;
}

/** From every innermost state, by every event that it or a state around it takes. */
export function declaredEdges(machine: AnyStateMachine): DeclaredEdge[] {
  const edges = new Map<string, DeclaredEdge>();
  for (const leaf of leavesOf(machine.root)) {
    for (const [eventType, target] of takenIn(leaf)) {
      for (const to of entered(target)) {
        const edge = { from: pathOf(leaf), to: pathOf(to), event: eventName(eventType) };
        edges.set(Object.values(edge).join(' '), edge);
      }
    }
  }
  return [...edges.values()];
}

/** What this state and those around it do; an inner one without a condition hides the outer ones. */
function takenIn(leaf: AnyStateNode): [eventType: string, target: AnyStateNode][] {
  const taken: [string, AnyStateNode][] = [];
  const hidden = new Set<string>();
  for (let node: AnyStateNode | undefined = leaf; node; node = node.parent) {
    for (const [eventType, transitions] of node.transitions) {
      if (hidden.has(eventType)) continue;
      for (const target of transitions.flatMap((transition) => transition.target ?? [])) {
        taken.push([eventType, target]);
      }
      if (transitions.some(({ guard }) => !guard)) hidden.add(eventType);
    }
  }
  return taken;
}

/** The paths of a machine's innermost states. */
export function statePaths(machine: AnyStateMachine): string[] {
  return leavesOf(machine.root).map(pathOf);
}

/** XState's names of timers end in the state that they belong to, which is told anyway. */
export function eventName(eventType: string): string {
  return eventType.replace(/^xstate\.after\.([^.]+)\..*$/, 'after.$1');
}

function leavesOf(node: AnyStateNode): AnyStateNode[] {
  const children = Object.values(node.states as Record<string, AnyStateNode>);
  return children.length === 0 ? [node].filter(canRest) : children.flatMap(leavesOf);
}

/** Not in a state that is left as soon as it is entered. */
function canRest(node: AnyStateNode): boolean {
  return (node.always ?? []).every(({ guard }) => guard);
}

/** Where a machine may rest that enters this state: its initial one, or where `always` leads. */
function entered(node: AnyStateNode, seen = new Set<AnyStateNode>()): AnyStateNode[] {
  if (seen.has(node)) return [];
  seen.add(node);
  const further = (node.always ?? []).flatMap(({ target }) => target ?? []);
  const initial = Object.keys(node.states).length > 0 ? (node.initial.target ?? []) : [];
  const on = [...further, ...initial].flatMap((next) => entered(next, seen));
  return initial.length > 0 || !canRest(node) ? on : [node, ...on];
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}
