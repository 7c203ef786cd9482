/** States and events as people read them. */

/** `listening` and `hearing · talking`, of `conversation.listening.hearing.talking` */
export function stateName(path: string): { name: string; detail: string } {
  const [name = '', ...inner] = path.replace(/^conversation\./, '').split('.');
  return { name, detail: inner.join(' · ') };
}

/** The whole on one line: `listening · hearing · talking` */
export function stateLine(path: string): string {
  const { name, detail } = stateName(path);
  return detail ? `${name} · ${detail}` : name;
}

/** Those of XState's own are put as in the drawing: `after idle`, `probe done`, `probe failed`. */
export function eventName(type: string): string {
  const after = /^xstate\.after\.([^.]+)\./.exec(type);
  if (after) return `after ${after[1]}`;
  const actor = /^xstate\.(done|error)\.actor\.(.+)$/.exec(type);
  if (actor) return `${actor[2]} ${actor[1] === 'done' ? 'done' : 'failed'}`;
  return type;
}

/** `handed off` of `handedOff` */
export function outcomeName(outcome: string): string {
  return outcome.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
