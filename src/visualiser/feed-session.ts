import type {
  ActorMessage,
  AnsweredMessage,
  CallMessage,
  EventMessage,
  FeedSnapshot,
  SnapshotMessage,
  WordsMessage,
} from './feed-message.ts';
import { feedSnapshot, type MachineState } from './feed-snapshot.ts';
import type { FeedSource } from './feed-viewer.ts';

/** Turns of a call that somebody who joins is told. */
const KEPT_TURNS = 4;
/** Of Stately's inspector, whose form the messages have. */
const INSPECTOR_VERSION = '0.7.2';

/** One root actor, as viewers know it: a call, or the engine. */
export class FeedSession implements FeedSource {
  readonly id: string;
  readonly #name: ActorMessage['name'];
  #machine: MachineState | undefined;
  /** When it came into the state in which it is, ms since 1970. */
  #since = 0;
  /** JSON of the last snapshot that was told. */
  #told = '';
  #call: CallMessage | undefined;
  #answered: AnsweredMessage | undefined;
  readonly #words: WordsMessage[] = [];

  constructor(id: string, name: ActorMessage['name']) {
    this.id = id;
    this.#name = name;
  }

  /** Until then there is nothing to tell of it. */
  get hasBegun(): boolean {
    return this.#machine !== undefined;
  }

  state(): string[] {
    const messages = [this.actorMessage(), this.#call, ...this.#words, this.#answered];
    return messages.filter((message) => message !== undefined).map((each) => JSON.stringify(each));
  }

  /** The machine has come to this. Cheap: nothing is made of it. */
  move(machine: MachineState): void {
    // A machine makes its value anew only when it takes a transition.
    if (machine.value !== this.#machine?.value) {
      const before = this.#machine && JSON.stringify(this.#machine.value);
      if (JSON.stringify(machine.value) !== before) this.#since = Date.now();
    }
    this.#machine = machine;
  }

  /** Undefined before the machine has begun. Its moment is that since which this state holds. */
  actorMessage(): ActorMessage | undefined {
    if (!this.#machine) return undefined;
    const snapshot = feedSnapshot(this.#machine);
    this.#told = JSON.stringify(snapshot);
    const { id, ...rest } = this.#frame(this.#since);
    return { type: '@xstate.actor', name: this.#name, ...rest, snapshot, id };
  }

  /** Undefined before the machine has begun, and where viewers would see no difference. */
  snapshotMessage(eventType: string): SnapshotMessage | undefined {
    const snapshot: FeedSnapshot | undefined = this.#machine && feedSnapshot(this.#machine);
    const text = JSON.stringify(snapshot);
    if (!snapshot || text === this.#told) return undefined;
    this.#told = text;
    const event = { type: eventType };
    return { type: '@xstate.snapshot', event, snapshot, ...this.#frame(Date.now()) };
  }

  /** Undefined before the machine has begun: its first event is no news. */
  eventMessage(eventType: string): EventMessage | undefined {
    if (!this.#machine) return undefined;
    return { type: '@xstate.event', event: { type: eventType }, ...this.#frame(Date.now()) };
  }

  started(call: Omit<CallMessage, 'type' | 'sessionId'>): CallMessage {
    this.#call = { type: 'visualiser.call', sessionId: this.id, ...call };
    return this.#call;
  }

  answered(answer: Omit<AnsweredMessage, 'type' | 'sessionId'>): AnsweredMessage {
    this.#answered = { type: 'visualiser.answered', sessionId: this.id, ...answer };
    return this.#answered;
  }

  said(words: Omit<WordsMessage, 'type' | 'sessionId'>): WordsMessage {
    const message: WordsMessage = { type: 'visualiser.words', sessionId: this.id, ...words };
    const at = this.#words.findIndex(({ turn }) => turn >= message.turn);
    if (at < 0) this.#words.push(message);
    else if (this.#words[at]?.turn === message.turn) this.#words[at] = message;
    // Words that led to a tool may be over after it. Before all others: a turn that is not kept.
    else if (at > 0) this.#words.splice(at, 0, message);
    if (this.#words.length > KEPT_TURNS) this.#words.shift();
    return message;
  }

  #frame(at: number) {
    const { id } = this;
    const _version = INSPECTOR_VERSION;
    return { sessionId: id, rootId: id, createdAt: String(at), id: null, _version };
  }
}
