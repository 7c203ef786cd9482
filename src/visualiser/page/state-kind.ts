import { stateName } from './state-name.ts';

const AGENT_SPEAKS = new Set(['greeting', 'speaking', 'farewell']);

/** By what states are coloured: who has the floor, or what is wrong. */
export function stateKind(path: string): string {
  const { name } = stateName(path);
  if (name === 'listening') return 'caller';
  return AGENT_SPEAKS.has(name) ? 'agent' : name;
}
