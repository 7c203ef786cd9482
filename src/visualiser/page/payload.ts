/**
 * Reads the payloads of a call's events. They may be empty (no longer kept) or of another version of
 * the program: what is not there is undefined, and whoever reads shows the rest.
 */
export class Payload {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(payload: unknown) {
    const isObject = typeof payload === 'object' && payload !== null;
    this.#fields = isObject ? (payload as Record<string, unknown>) : {};
  }

  number(name: string): number | undefined {
    const value = this.#fields[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  text(name: string): string | undefined {
    const value = this.#fields[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#fields[name] === true;
  }

  /** A list of lists of numbers or nulls; what is something else is left out. */
  rows(name: string): (number | null)[][] {
    const value = this.#fields[name];
    return Array.isArray(value) ? value.filter(isRow) : [];
  }
}

function isRow(value: unknown): value is (number | null)[] {
  return Array.isArray(value) && value.every((cell) => cell === null || Number.isFinite(cell));
}
