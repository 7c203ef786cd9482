import assert from 'node:assert/strict';
import type { AnyStateMachine, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { declaredTransitions, transitionName } from './transitions.ts';

/** Which of a machine's declared transitions actors have taken, exactly: XState tells each. */
export class Coverage {
  readonly #declared: readonly string[];
  readonly #taken = new Set<string>();
  readonly #names = new WeakMap<AnyTransitionDefinition, string>();

  /** @throws when two transitions could not be told apart */
  constructor(machine: AnyStateMachine) {
    this.#declared = declaredTransitions(machine).map(transitionName);
    const twice = this.#declared.filter((name, at) => this.#declared.indexOf(name) !== at);
    assert.deepEqual(twice, [], `expected every transition of ${machine.id} to have its own name`);
  }

  /** Give it as `inspect` to any number of actors; what other machines take does not count. */
  readonly inspect = (inspected: InspectionEvent): void => {
    if (inspected.type !== '@xstate.microstep') return;
    for (const transition of inspected._transitions) this.#taken.add(this.#nameOf(transition));
  };

  get declared(): number {
    return this.#declared.length;
  }

  /** `source --event[guard]--> target`. */
  get missed(): string[] {
    return this.#declared.filter((name) => !this.#taken.has(name));
  }

  /** @throws under 100 %, with the transitions that were never taken */
  assertWhole(): void {
    const { missed, declared } = this;
    if (missed.length === 0) return;
    const share = `${declared - missed.length} of ${declared} transitions were taken, not`;
    assert.fail(`${share}:\n  ${missed.join('\n  ')}`);
  }

  #nameOf(transition: AnyTransitionDefinition): string {
    const name = this.#names.get(transition) ?? transitionName(transition);
    this.#names.set(transition, name);
    return name;
  }
}
