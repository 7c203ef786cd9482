import type { Reply } from './reply.ts';

/**
 * When the parts of one answer happened, ms from the caller's last sample. A part may lie before
 * the decision that the turn is over: then it was done while nobody waited for it.
 */
export interface TurnTiming {
  turn: number;
  /** Which rule decided that the caller had finished. */
  endpointReason: string;
  finishedMs: number;
  askedMs: number;
  startedMs: number;
  firstTokenMs: number;
  firstClauseMs: number;
  firstSoundMs: number;
  /** The first byte of the answer on the wire: the response time. */
  audibleMs: number;
}

/** Stamps the parts of each turn and reports a turn once its answer is audible. */
export class TurnClock {
  readonly #report: (timing: TurnTiming) => void;
  #turn = 0;
  #speechEndAt: number | undefined;
  #finishedAt = 0;
  #reason = '';
  #reply: Reply | undefined;

  constructor(report: (timing: TurnTiming) => void) {
    this.#report = report;
  }

  /** @param speechEndAt When the caller's last sample came in (performance.now()). */
  finished(speechEndAt: number, reason: string): void {
    this.#speechEndAt = speechEndAt;
    this.#finishedAt = performance.now();
    this.#reason = reason;
  }

  follow(reply: Reply): void {
    this.#reply = reply;
  }

  audible(): void {
    const reply = this.#reply;
    const origin = this.#speechEndAt;
    this.#turn += 1;
    this.#reply = undefined;
    this.#speechEndAt = undefined;
    if (!reply || origin === undefined) return;
    const since = (at: number | undefined) => Math.round(((at ?? origin) - origin) * 10) / 10;
    this.#report({
      turn: this.#turn,
      endpointReason: this.#reason,
      finishedMs: since(this.#finishedAt),
      askedMs: since(reply.timing.queuedAtMs),
      startedMs: since(reply.timing.startedAtMs),
      firstTokenMs: since(reply.timing.firstTokenAtMs),
      firstClauseMs: since(reply.firstPieceAt),
      firstSoundMs: since(reply.firstSoundAt),
      audibleMs: since(performance.now()),
    });
  }
}
