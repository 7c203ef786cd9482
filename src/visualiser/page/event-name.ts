/** Event types and state paths as they are shown: without what XState and nesting add to them. */

/** `after filler` for `xstate.after.filler.call.conversation.thinking.quiet` */
export function eventName(type: string): string {
  const delay = /^xstate\.after\.([^.]+)\./.exec(type)?.[1];
  if (delay) return `after ${delay}`;
  if (type === 'xstate.init') return 'started';
  return type;
}

/** The state that a person would name: `thinking` for `conversation.thinking.quiet`. */
export function mainState(path: string): string {
  return names(path)[0] ?? path;
}

/** What is inside of it: `hearing › talking`; empty where there is nothing. */
export function innerState(path: string): string {
  return names(path).slice(1).join(' › ');
}

/** Both: `thinking › quiet` */
export function stateName(path: string): string {
  return names(path).join(' › ');
}

/** Who has the floor, or what is wrong: by this states are coloured. */
export function stateKind(path: string): string {
  const name = mainState(path);
  if (name === 'listening') return 'caller';
  if (['greeting', 'speaking', 'farewell'].includes(name)) return 'agent';
  return name;
}

function names(path: string): string[] {
  const all = path.split('.');
  return all[0] === 'conversation' && all.length > 1 ? all.slice(1) : all;
}
