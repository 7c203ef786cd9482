import { type Actor, createActor, fromCallback, type InspectionEvent } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import type {
  AgentCommand,
  CallEvent,
  CallInput,
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

  constructor(input: CallInput, inspect: (event: InspectionEvent) => void = () => {}) {
    this.actor = createActor(this.#machine(), { input, clock: this.clock, inspect });
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

  startStream = () => this.send({ type: 'line.started' });
  refuseStream = () => this.send({ type: 'line.refused' });
  breakStream = () => this.send({ type: 'line.lost' });
  answerByMachine = () => this.send({ type: 'line.answeredByMachine' });
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

  breakActor(name: ActorName): void {
    const children = this.actor.getSnapshot().children;
    children[name]?.send(BREAK);
    this.working.delete(name);
  }

  #machine(): typeof callMachine {
    return callMachine.provide({
      actors: {
        line: fromCallback<LineCommand, LineInput>(({ receive }) => {
          receive(breaking(() => {}));
          return this.#works('line');
        }),
        ears: fromCallback<EarsCommand>(({ receive }) => {
          receive(breaking((command) => this.told.push({ to: 'ears', command })));
          return this.#works('ears');
        }),
        agent: fromCallback<AgentCommand>(({ receive }) => {
          receive(breaking((command) => this.told.push({ to: 'agent', command })));
          return this.#works('agent');
        }),
      },
    });
  }

  #works(name: ActorName): () => void {
    this.working.add(name);
    return () => this.working.delete(name);
  }
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
