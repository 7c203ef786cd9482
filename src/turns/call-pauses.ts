/** The pauses of this call from which the caller came back within the turn. */
export class CallPauses {
  readonly #usualMs: number;
  #logs: number[] = [];

  constructor(usualMs: number) {
    this.#usualMs = usualMs;
  }

  /** The geometric mean of the last ones, as if two usual ones were among them. */
  get typicalMs(): number {
    const sum = this.#logs.reduce((total, log) => total + log, ASSUMED * Math.log(this.#usualMs));
    return Math.exp(sum / (this.#logs.length + ASSUMED));
  }

  push(pauseMs: number): void {
    if (pauseMs < SHORTEST_MS) return;
    this.#logs.push(Math.log(Math.min(pauseMs, LONGEST_MS)));
    if (this.#logs.length > MOST) this.#logs.shift();
  }
}

/** The silence before a plosive is no pause. */
const SHORTEST_MS = 150;
/** Beyond it the caller has said something new. */
const LONGEST_MS = 3000;
const ASSUMED = 2;
const MOST = 8;
