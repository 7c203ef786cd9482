import type { CallRecord } from '../call/call-record.ts';
import type { CallObserver } from '../call/call-services.ts';
import type { TurnTiming } from '../call/turn-clock.ts';
import type { Call } from '../call.ts';
import type { Turn } from '../ultravox/conversation.ts';
import type { Screen } from './screen.ts';

/** The one call of the demonstration, as the server reports it. */
export class WatchedCall implements CallObserver {
  readonly states: { path: string; because: string }[] = [];
  turns: readonly Turn[] = [];
  readonly ended: Promise<CallRecord>;
  readonly #screen: Screen;
  readonly #end: (record: CallRecord) => void;

  constructor(screen: Screen) {
    this.#screen = screen;
    const { promise, resolve } = Promise.withResolvers<CallRecord>();
    this.ended = promise;
    this.#end = resolve;
  }

  onState(_call: Call, path: string, because: string): void {
    this.states.push({ path, because });
    this.#screen.state(path, because);
  }

  onTurn(_call: Call, timing: TurnTiming): void {
    this.#screen.note(`answer ${timing.turn} audible after ${Math.round(timing.audibleMs)} ms`);
  }

  onEnded(call: Call, record: CallRecord): void {
    this.turns = call.conversation.turns;
    this.#end(record);
  }
}
