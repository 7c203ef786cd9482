/** What no input may do to the process itself: let an error out of it, or change what everybody shares. */

/** What a polluted object would be found on. */
const SHARED: Readonly<Record<string, object>> = {
  Object: Object.prototype,
  Array: Array.prototype,
  Function: Function.prototype,
  String: String.prototype,
  Number: Number.prototype,
  Promise: Promise.prototype,
  Map: Map.prototype,
  Buffer: Buffer.prototype,
};

export class ProcessWatch {
  readonly #before = new Map(
    Object.entries(SHARED).map(([name, shared]) => [
      name,
      Object.getOwnPropertyDescriptors(shared),
    ]),
  );
  #crash: Error | undefined;

  constructor() {
    process.on('uncaughtException', this.#onError).on('unhandledRejection', this.#onError);
  }

  /** The first error that nobody caught. */
  get crash(): Error | undefined {
    return this.#crash;
  }

  /** So that a smaller case can be told from the one before. */
  forget(): void {
    this.#crash = undefined;
  }

  /** The names of what was added to, taken from or changed in a shared prototype. */
  pollution(): string[] {
    return Object.entries(SHARED).flatMap(([name, shared]) => {
      const before = this.#before.get(name) ?? {};
      const now = Object.getOwnPropertyDescriptors(shared);
      const keys = new Set([...Reflect.ownKeys(before), ...Reflect.ownKeys(now)]);
      return [...keys]
        .filter((key) => !isSame(Reflect.get(before, key), Reflect.get(now, key)))
        .map((key) => `${name}.prototype.${String(key)}`);
    });
  }

  close(): void {
    process.off('uncaughtException', this.#onError).off('unhandledRejection', this.#onError);
  }

  readonly #onError = (reason: unknown): void => {
    this.#crash ??= reason instanceof Error ? reason : new Error(`thrown: ${String(reason)}`);
  };
}

function isSame(before: PropertyDescriptor | undefined, now: PropertyDescriptor | undefined) {
  return before?.value === now?.value && before?.get === now?.get && before?.set === now?.set;
}
