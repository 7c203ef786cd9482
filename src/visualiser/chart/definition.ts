/** A machine's definition as data, for tools that read it and for the page. */
import type { AnyStateMachine } from 'xstate';

/**
 * What the machine was created from, without functions: XState's `createMachine` makes a machine of
 * the same states and transitions of it. Actions, guards, delays and actors are in it by their
 * names.
 */
export function machineDefinition(machine: AnyStateMachine): Record<string, unknown> {
  return JSON.parse(JSON.stringify(machine.config));
}
