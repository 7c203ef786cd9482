import { type Actor, createActor, fromCallback, type InspectionEvent } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import type {
  AgentCommand,
  CallEvent,
  CallInput,
  Continued,
  EarsCommand,
  LineCommand,
  LineInput,
} from '../../machines/call-protocol.ts';
import { statePath } from '../../machines/state-path.ts';
import type { CallWorld } from './call-driver.ts';
import { type Look, withoutLimits } from './driver.ts';
import { SteppingClock } from './stepping-clock.ts';

export type Told = { to: 'agent'; command: AgentCommand } | { to: 'ears'; command: EarsCommand };
type ActorName = 'line' | 'ears' | 'agent';

export interface LiveCallOptions {
  /** Default: the call machine. */
  machine?: typeof callMachine;
  inspect?: (event: InspectionEvent) => void;
}

/** A call's real actor in a world of events: its children write down what they are told. */
export class LiveCall implements CallWorld {
  readonly actor: Actor<typeof callMachine>;
  readonly clock = new SteppingClock();
  /** In order, from the beginning of the call. */
  readonly told: Told[] = [];
  /** Children that run. */
  readonly working = new Set<ActorName>();
  /** With what the machine itself failed, if it did. */
  error: unknown;

  constructor(input: CallInput, { machine = callMachine, inspect }: LiveCallOptions = {}) {
    this.actor = createActor(steered(machine), {
      input,
      clock: this.clock,
      ...(inspect && { inspect }),
    });
    CALLS.set(this.actor.system, this);
    this.clock.of(this.actor);
    this.actor.subscribe({
      error: (error) => {
        this.error = error;
      },
    });
    this.actor.start();
  }

  send(event: CallEvent): void {
    this.actor.send(event);
  }

  get state(): string {
    return statePath(this.actor.getSnapshot().value);
  }

  look(): Look {
    const { context } = this.actor.getSnapshot();
    const pending = this.clock.pending.map(({ type }) => type);
    return { state: this.state, context: withoutLimits(context), pending };
  }

  passTime({ type }: { type: string }): void {
    this.clock.fire(type);
  }

  startStream = (continued?: Continued) =>
    this.send({ type: 'line.started', ...(continued && { continued }) });
  refuseStream = () => this.send({ type: 'line.refused' });
  breakStream = () => this.send({ type: 'line.lost' });
  answerByMachine = () => this.send({ type: 'line.answeredByMachine' });
  leaveUnattended = () => this.send({ type: 'line.unattended' });
  hangUp = () => this.send({ type: 'caller.hungUp' });
  press = (digit: string) => this.send({ type: 'caller.pressed', digit });
  speak = () => this.send({ type: 'caller.spoke' });
  resume = () => this.send({ type: 'caller.resumed' });
  pause = () => this.send({ type: 'caller.paused' });
  finish = () => this.send({ type: 'caller.finished' });
  interrupt = () => this.send({ type: 'caller.interrupted' });
  cough = () => this.send({ type: 'caller.ignored' });
  voiceAnswer = () => this.send({ type: 'agent.audible' });
  echoLastMark = () => this.send({ type: 'agent.finished' });
  failAnswer = () => this.send({ type: 'agent.failed' });
  beginTool = () => this.send({ type: 'agent.consulting' });
  endTool = () => this.send({ type: 'agent.consulted' });
  transfer = (destination: string) => this.send({ type: 'agent.transferred', destination });
  conclude = () => this.send({ type: 'agent.concluded' });
  shutDown = () => this.send({ type: 'operator.shutdown' });
  handOver = () => this.send({ type: 'operator.handOver' });

  breakActor(name: ActorName): void {
    const children = this.actor.getSnapshot().children;
    children[name]?.send(BREAK);
    this.working.delete(name);
  }

  perform(told: Told): void {
    this.told.push(told);
  }

  works(name: ActorName): () => void {
    this.working.add(name);
    return () => this.working.delete(name);
  }
}

/** Every call has a system of its own: by it the children know whose they are. */
const CALLS = new WeakMap<object, LiveCall>();
const STEERED = new WeakMap<typeof callMachine, typeof callMachine>();

/** One for all calls: to provide a machine with actors takes longer than most calls do. */
function steered(machine: typeof callMachine): typeof callMachine {
  const known = STEERED.get(machine);
  if (known) return known;
  const provided = machine.provide({
    actors: {
      line: fromCallback<LineCommand, LineInput>(({ receive, system }) => {
        receive(breaking(() => {}));
        return CALLS.get(system)?.works('line');
      }),
      ears: fromCallback<EarsCommand>(({ receive, system }) => {
        receive(breaking((command) => CALLS.get(system)?.perform({ to: 'ears', command })));
        return CALLS.get(system)?.works('ears');
      }),
      agent: fromCallback<AgentCommand>(({ receive, system }) => {
        receive(breaking((command) => CALLS.get(system)?.perform({ to: 'agent', command })));
        return CALLS.get(system)?.works('agent');
      }),
    },
  });
  STEERED.set(machine, provided);
  return provided;
}

/** Not a command of any actor's: it throws. */
const BREAK = { type: 'break' } as never;

function breaking<Command extends { type: string }>(
  perform: (command: Command) => void,
): (command: Command) => void {
  return (command) => {
    if (command === BREAK) throw new Error('an actor of the call broke, as the test wanted');
    perform(command);
  };
}
