import type { AgentCommand, CallContext, EarsCommand } from '../../machines/call-protocol.ts';
import type { LiveCall, Told } from './live-call.ts';

/** One moment of a call, after something has happened to it and before the next. */
export interface CallMoment {
  call: LiveCall;
  /** The type of what happened. */
  event: string;
  stateBefore: string;
  state: string;
  context: CallContext;
  contextBefore: CallContext;
  status: 'active' | 'done' | 'error' | 'stopped';
  hasTag(tag: 'agentHasTheFloor' | 'callerHasTheFloor' | 'closing'): boolean;
  /** Has it been closing at any time? */
  wasClosing: boolean;
  /** What the actors were told in this moment. */
  told: readonly Told[];
  /** The last command to each, of this moment or an earlier one. */
  agent: AgentCommand | undefined;
  agentBefore: AgentCommand | undefined;
  ears: EarsCommand | undefined;
  /** The agent was told to say something, and neither to stop nor has it told that it is over. */
  maySound: boolean;
}

/** Follows a call from moment to moment. */
export class CallWatch {
  readonly #call: LiveCall;
  #at = 0;
  #moment: CallMoment;

  constructor(call: LiveCall) {
    this.#call = call;
    this.#moment = this.#look('xstate.init', undefined);
  }

  /** To be called after everything that happens. */
  next(event: string): CallMoment {
    this.#moment = this.#look(event, this.#moment);
    return this.#moment;
  }

  #look(event: string, before: CallMoment | undefined): CallMoment {
    const call = this.#call;
    const snapshot = call.actor.getSnapshot();
    const told = call.told.slice(this.#at);
    this.#at = call.told.length;
    const commands = told.flatMap((one) => (one.to === 'agent' ? [one.command] : []));
    const heard = told.flatMap((one) => (one.to === 'ears' ? [one.command] : []));
    return {
      call,
      event,
      told,
      state: call.state,
      stateBefore: before?.state ?? call.state,
      context: snapshot.context,
      contextBefore: before?.context ?? snapshot.context,
      status: snapshot.status,
      hasTag: (tag) => snapshot.hasTag(tag),
      wasClosing: (before?.wasClosing ?? false) || (before?.hasTag('closing') ?? false),
      agent: commands.at(-1) ?? before?.agent,
      agentBefore: before?.agent,
      ears: heard.at(-1) ?? before?.ears,
      maySound: maySound(commands, event, before?.maySound ?? false),
    };
  }
}

function maySound(commands: readonly AgentCommand[], event: string, before: boolean): boolean {
  const isOver = event === 'agent.finished' || event === 'agent.failed';
  let sounds = before && !isOver;
  for (const { type } of commands) {
    if (type === 'play' || type === 'fill' || type === 'reply' || type === 'resume') sounds = true;
    if (type === 'hush' || type === 'yield') sounds = false;
  }
  return sounds;
}
