import {
  type Actor,
  type AnyActorRef,
  createActor,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import { callMachine } from '../../machines/call.ts';
import type {
  AgentCommand,
  CallEvent,
  CallLimits,
  CallOutput,
  EarsCommand,
} from '../../machines/call-protocol.ts';
import { statePath } from '../../machines/state-path.ts';

/** Short, round limits with distinct values, so that a wrong one shows. */
export const TEST_LIMITS: CallLimits = {
  firstMessagesMs: 10_000,
  callMs: 1_800_000,
  inactivityMs: 300_000,
  idleMs: 8000,
  reprompts: 2,
  turns: 50,
  callerTurnMs: 60_000,
  agentTurnMs: 120_000,
  fillerMs: 1000,
  toolFillerMs: 800,
  apologyMs: 3000,
  giveUpMs: 9000,
  bargeInMs: 2000,
  announcementMs: 20_000,
  failures: 3,
  handOverMs: 6000,
};

/** The call machine with actors that only write down what they are told. */
export class SteeredCall {
  readonly actor: Actor<typeof callMachine>;
  /** What agent and ears were told since the last look. */
  #told: string[] = [];
  #error: unknown;

  constructor(
    options: {
      limits?: Partial<CallLimits>;
      personReachable?: boolean;
      inspect?: (event: InspectionEvent, root: AnyActorRef) => void;
    } = {},
  ) {
    const note = (command: AgentCommand | EarsCommand) => {
      const detail = 'clip' in command ? command.clip : 'to' in command ? command.to : '';
      this.#told.push(detail ? `${command.type} ${detail}` : command.type);
    };
    const machine = callMachine.provide({
      actors: {
        line: fromCallback(() => {}),
        ears: fromCallback<EarsCommand>(({ receive }) => receive(note)),
        agent: fromCallback<AgentCommand>(({ receive }) => receive(note)),
      },
    });
    this.actor = createActor(machine, {
      input: {
        limits: { ...TEST_LIMITS, ...options.limits },
        personReachable: options.personReachable ?? true,
      },
      inspect: (event) => options.inspect?.(event, this.actor),
    });
    this.actor.subscribe({
      error: (error) => {
        this.#error = error;
      },
    });
    this.actor.start();
  }

  /** Sends events by their types, in order. */
  send(...events: (CallEvent['type'] | CallEvent)[]): this {
    for (const event of events) {
      this.actor.send(typeof event === 'string' ? ({ type: event } as CallEvent) : event);
    }
    return this;
  }

  get state(): string {
    if (this.#error) throw this.#error;
    return statePath(this.actor.getSnapshot().value);
  }

  get output(): CallOutput | undefined {
    return this.actor.getSnapshot().output;
  }

  /** What the actors were told since this was last asked. */
  takeTold(): string[] {
    return this.#told.splice(0);
  }
}
