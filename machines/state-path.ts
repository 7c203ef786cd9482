import type { StateValue } from 'xstate';

/** The active state as one path, such as `conversation.listening.waiting`. For machines without parallel states. */
export function statePath(value: StateValue): string {
  if (typeof value === 'string') return value;
  const [name = '', inner] = Object.entries(value)[0] ?? [];
  return inner === undefined ? name : `${name}.${statePath(inner)}`;
}
