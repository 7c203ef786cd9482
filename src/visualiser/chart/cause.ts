/** What makes a transition happen, in the words of the drawing. */
import type { AnyTransitionDefinition } from 'xstate';

export interface Cause {
  /** Such as `caller.spoke`, `after idle`, `probe failed`, `always` or `otherwise`. */
  event: string;
  /** The name of the condition on which it happens; undefined: none. */
  guard: string | undefined;
}

/**
 * @param alternatives all transitions of the state for the same event, this one included. Where the
 * target is reached with and without a guard, the guard decides nothing that is drawn: it is left
 * out.
 */
export function causeOf(
  transition: AnyTransitionDefinition,
  alternatives: readonly AnyTransitionDefinition[],
): Cause {
  const toSame = alternatives.filter(({ target }) => target?.[0] === transition.target?.[0]);
  const event = eventInWords(transition.eventType);
  if (toSame.every(({ guard }) => guard !== undefined))
    return { event, guard: guardName(transition) };
  const isLastResort = event === 'always' && alternatives.length > toSame.length;
  return { event: isLastResort ? 'otherwise' : event, guard: undefined };
}

/** One under another; those with the same guard together, and it below them, in brackets. */
export function causeLines(causes: readonly Cause[]): string[] {
  const guards = new Set(causes.map(({ guard }) => guard));
  // What needs no condition comes first.
  const ordered = [undefined, ...[...guards].filter((guard) => guard !== undefined)];
  return ordered.flatMap((guard) => [
    ...causes.filter((cause) => cause.guard === guard).map(({ event }) => event),
    ...(guard === undefined ? [] : [`[${guard}]`]),
  ]);
}

/** XState's own event types carry what they are about in their name. */
function eventInWords(eventType: string): string {
  const [, kind, name] =
    /^xstate\.(after)\.([^.]+)\..*$/.exec(eventType) ??
    /^xstate\.(done|error)\.actor\.(.+)$/.exec(eventType) ??
    [];
  if (kind === 'after') return `after ${/^\d+$/.test(name ?? '') ? `${name} ms` : name}`;
  if (kind === 'done') return `${name} done`;
  if (kind === 'error') return `${name} failed`;
  return eventType || 'always';
}

function guardName({ guard }: AnyTransitionDefinition): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && 'type' in guard) return String(guard.type);
  return 'condition';
}
