import { type Actor, createActor, fromCallback, type InspectionEvent } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import type {
  AgentCommand,
  CallContext,
  CallEvent,
  CallInput,
  CallOutput,
  Continued,
  EarsCommand,
} from '../../machines/call-protocol.ts';
import { statePath } from '../../machines/state-path.ts';
import { MachineClock, type MachineTimer } from './machine-clock.ts';

/** An event of the machine by its type, also one that only XState itself sends. */
export interface MachineEvent {
  type: string;
  digit?: string | undefined;
  destination?: string | undefined;
  continued?: Continued | undefined;
}

/** What can be seen of the machine from outside, as the records name it. */
export interface MachineOutput {
  type: 'state' | 'agent.told' | 'ears.told';
  /** `conversation.listening.waiting`, `play greeting`, `attend speaking` */
  what: string;
}

/**
 * The call machine as it is now, with actors that do nothing but write down what they are told. Its
 * time stands still: whoever runs it moves the clock, fires the timers and sends the events.
 */
export class MachineRun {
  readonly #clock = new MachineClock();
  readonly #actor: Actor<typeof callMachine>;
  #path: string;
  #outputs: MachineOutput[] = [];
  #error: unknown;

  constructor(input: CallInput) {
    const machine = callMachine.provide({
      actors: {
        line: fromCallback(() => {}),
        ears: fromCallback<EarsCommand>(({ receive }) => receive((told) => this.#earsTold(told))),
        agent: fromCallback<AgentCommand>(({ receive }) =>
          receive((told) => this.#agentTold(told)),
        ),
      },
    });
    this.#actor = createActor(machine, {
      input,
      clock: this.#clock,
      inspect: (event) => this.#inspect(event),
    });
    this.#actor.subscribe({
      error: (error) => {
        this.#error = error;
      },
    });
    this.#actor.start();
    this.#path = statePath(this.#actor.getSnapshot().value);
  }

  /** ms since the machine began */
  get nowMs(): number {
    return this.#clock.nowMs;
  }

  get path(): string {
    return this.#path;
  }

  get context(): CallContext {
    return this.#actor.getSnapshot().context;
  }

  get isDone(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  /** Undefined until the call has ended. */
  get output(): CallOutput | undefined {
    return this.#actor.getSnapshot().output;
  }

  /** That run, in the order in which they are due. */
  get timers(): readonly MachineTimer[] {
    return this.#clock.timers;
  }

  /** @param atMs not before `nowMs`. A machine that has ended takes no event. */
  send(event: MachineEvent, atMs: number): MachineOutput[] {
    this.#clock.moveTo(atMs);
    // Of the events some are XState's own, which its types do not let anybody send.
    if (!this.isDone) this.#actor.send(event as CallEvent);
    return this.#take();
  }

  /** Fires one of `timers`, as soon as it is due or at any other moment that is not before `nowMs`. */
  fire(timer: MachineTimer, atMs = Math.max(this.nowMs, timer.dueMs)): MachineOutput[] {
    this.#clock.moveTo(atMs);
    this.#clock.fire(timer);
    return this.#take();
  }

  /** What the last step caused, its new state last. @throws what an action of the machine threw */
  #take(): MachineOutput[] {
    if (this.#error) throw this.#error;
    const path = statePath(this.#actor.getSnapshot().value);
    if (path !== this.#path) this.#outputs.push({ type: 'state', what: path });
    this.#path = path;
    return this.#outputs.splice(0);
  }

  #agentTold(command: AgentCommand): void {
    const what = 'clip' in command ? `${command.type} ${command.clip}` : command.type;
    this.#outputs.push({ type: 'agent.told', what });
  }

  #earsTold(command: EarsCommand): void {
    const what = command.type === 'attend' ? `attend ${command.to}` : command.type;
    this.#outputs.push({ type: 'ears.told', what });
  }

  /** The clock is told of a timer's delay only; what it will send is said just before. */
  #inspect(event: InspectionEvent): void {
    if (event.type !== '@xstate.action' || event.action.type !== 'xstate.raise') return;
    const { event: raised, delay } = event.action.params as RaiseParams;
    if (delay !== undefined) this.#clock.expect(raised.type);
  }
}

interface RaiseParams {
  event: { type: string };
  delay?: number;
}
