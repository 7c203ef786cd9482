/** How long a new caller would stand in line: running means of what the engine has lately taken. */

export class WaitEstimate {
  readonly #slots: number;
  readonly #streams: number;
  /** Starting values: Ultravox 8B on one A100, from its model card, and a reply of 45 tokens. */
  #slotMs = 150;
  #replyMs = 750;

  constructor(slots: number, streams: number) {
    this.#slots = slots;
    this.#streams = streams;
  }

  /** A request held the slot this long. */
  sawSlotMs(ms: number): void {
    this.#slotMs += (ms - this.#slotMs) * WEIGHT;
  }

  /** A reply took this long from its start in the slot to its end. */
  sawReplyMs(ms: number): void {
    this.#replyMs += (ms - this.#replyMs) * WEIGHT;
  }

  /** Of requests that do not give way: `ahead` in line, `inSlot`, and `open` in slot or decoding. */
  waitMs(now: { ahead: number; inSlot: number; open: number }): number {
    // Whoever holds a slot is, on average, half done.
    const rounds = (now.ahead + now.inSlot / 2) / this.#slots;
    const isSlotFree = now.ahead === 0 && now.inSlot < this.#slots;
    const slotWaitMs = isSlotFree ? 0 : rounds * this.#slotMs;
    const excess = now.open + now.ahead + 1 - this.#streams;
    const streamWaitMs = excess > 0 ? (excess * this.#replyMs) / this.#streams : 0;
    return Math.max(slotWaitMs, streamWaitMs);
  }
}

/** Of the newest value: the mean follows a change within some ten requests. */
const WEIGHT = 0.1;
