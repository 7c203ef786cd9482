import type { Reply } from './reply.ts';

/**
 * When the parts of one answer happened, ms from the caller's last sample. A part may lie before
 * the decision that the turn is over: then it was done while nobody waited for it.
 */
export interface TurnTiming extends Partial<OwnMoments> {
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

/** For telling our own share from that of others; ms from the caller's last sample. */
export interface OwnMoments {
  /** The sound came in by which the turn was judged over. */
  heardMs: number;
  /** The request had been built and was sent. */
  sentMs: number;
  /** The output came that completed the first clause. */
  clauseWrittenMs: number;
  /** The first clause was sent to the voice. */
  voiceAskedMs: number;
}

/** Stamps the parts of each turn and reports a turn once its answer is audible. */
export class TurnClock {
  readonly #report: (timing: TurnTiming) => void;
  #turn = 0;
  #speechEndAt: number | undefined;
  #finishedAt = 0;
  #heardAt: number | undefined;
  #reason = '';
  #reply: Reply | undefined;
  /** Since when the caller waits and hears nothing. */
  #silentSince: number | undefined;
  #deadAirMs = 0;

  constructor(report: (timing: TurnTiming) => void) {
    this.#report = report;
  }

  /** The call goes on from an earlier life of it. */
  takeUp({ answers, deadAirMs }: { answers: number; deadAirMs: number }): void {
    this.#turn = answers;
    this.#deadAirMs = deadAirMs;
  }

  /**
   * @param speechEndAt when the caller's last sample came in (performance.now())
   * @param heardAt when the sound came in by which the turn was judged over, if it was by sound
   */
  finished(speechEndAt: number, reason: string, heardAt?: number): void {
    this.#heardAt = heardAt;
    this.#speechEndAt = speechEndAt;
    this.#finishedAt = performance.now();
    this.#reason = reason;
    this.#silentSince = speechEndAt;
  }

  /** The longest that the caller has waited and heard nothing. */
  get deadAirMs(): number {
    return this.#deadAirMs;
  }

  /** The caller waits no more: something is heard, or the caller speaks. */
  silenceEnded(): void {
    if (this.#silentSince === undefined) return;
    this.#deadAirMs = Math.max(this.#deadAirMs, performance.now() - this.#silentSince);
    this.#silentSince = undefined;
  }

  /** Something has been heard, but the caller still waits. */
  fellSilent(): void {
    this.#silentSince = performance.now();
  }

  follow(reply: Reply): void {
    this.#reply = reply;
  }

  audible(): void {
    const reply = this.#reply;
    const origin = this.#speechEndAt;
    this.#reply = undefined;
    this.#speechEndAt = undefined;
    // What comes after a tool belongs to the same answer, which has been reported.
    if (!reply?.timing || origin === undefined) return;
    this.#turn += 1;
    const since = (at: number | undefined) => Math.round(((at ?? origin) - origin) * 10) / 10;
    const own = ownMoments(reply, this.#heardAt, since);
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
      ...own,
    });
  }
}

function ownMoments(
  { timing, clauseWrittenAt, voiceAskedAt }: Reply,
  heardAt: number | undefined,
  since: (at: number) => number,
): OwnMoments | undefined {
  const sentAt = timing?.sentAtMs;
  if (heardAt === undefined || sentAt === undefined) return undefined;
  if (clauseWrittenAt === undefined || voiceAskedAt === undefined) return undefined;
  return {
    heardMs: since(heardAt),
    sentMs: since(sentAt),
    clauseWrittenMs: since(clauseWrittenAt),
    voiceAskedMs: since(voiceAskedAt),
  };
}
