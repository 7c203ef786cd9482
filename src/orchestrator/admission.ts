/**
 * Whether the engine can serve one more call well: what it has lately taken for a request, how often a
 * call asks, how many calls there are. Pure: time is passed in, nothing here waits.
 */
import { type Line, utilisationOf, waitP95Ms } from './waiting-line.ts';

export interface AdmissionLimits {
  /** Requests that hold the slot at once, and replies under way at once. */
  slots: number;
  streams: number;
  /** No call is taken with which 1 request in 20 would wait longer. */
  maxWaitMs: number;
  /** Nor one with which slot or streams would be busy for more than this share of the time. */
  maxUtilisation: number;
}

export type Observation =
  /** So many calls talk from now on. */
  | { type: 'calls'; calls: number; atMs: number }
  /** A caller's request has left the slot, after so long in it. */
  | { type: 'slot'; ms: number }
  /** A caller's reply has ended, however it did, so long after it came to the slot. */
  | { type: 'reply'; ms: number };

/** Numbers for metrics and for whoever looks on. The last three are those with one more call. */
export interface EngineLoad {
  /** Calls that talk, or are about to. */
  calls: number;
  requestsPerCallS: number;
  slotMs: number;
  replyMs: number;
  utilisation: number;
  /** 95 of 100 requests wait no longer. */
  waitMs: number;
  takesCalls: boolean;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #slot = new ServiceTime(SLOT_MS);
  readonly #reply = new ServiceTime(REPLY_MS);
  #requests = PRIOR_CALL_S * REQUESTS_PER_CALL_S;
  #callS = PRIOR_CALL_S;
  #calls = 0;
  #sinceMs = 0;
  #takesCalls = true;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  push(observation: Observation): void {
    if (observation.type === 'calls') {
      this.#pass(observation.atMs);
      this.#calls = observation.calls;
    } else if (observation.type === 'reply') {
      this.#reply.push(observation.ms);
    } else {
      this.#requests += 1;
      this.#slot.push(observation.ms);
    }
  }

  /** @param calls that talk or are about to; one more is asked for */
  assess(calls: number, atMs: number): EngineLoad {
    this.#pass(atMs);
    const requestsPerCallS = this.#requests / this.#callS;
    const arrivalsPerS = (calls + 1) * requestsPerCallS;
    const { slots, streams } = this.#limits;
    const lines: Line[] = [
      { ...this.#slot.shape, servers: slots, arrivalsPerS, others: calls },
      { ...this.#reply.shape, servers: streams, arrivalsPerS, others: calls },
    ];
    const utilisation = Math.max(...lines.map(utilisationOf));
    // One behind the other, but hardly ever both long: the tighter one decides.
    const waitMs = Math.max(...lines.map(waitP95Ms));
    this.#takesCalls =
      calls < Math.min(slots, streams) || this.#isWithin(utilisation, waitMs, this.#takesCalls);
    const { meanMs: slotMs } = this.#slot;
    const { meanMs: replyMs } = this.#reply;
    const takesCalls = this.#takesCalls;
    return { calls, requestsPerCallS, slotMs, replyMs, utilisation, waitMs, takesCalls };
  }

  /** Once refused, a call is taken again only with room to spare: a balancer must not flap. */
  #isWithin(utilisation: number, waitMs: number, wasWithin: boolean): boolean {
    const share = wasWithin ? 1 : REOPENS_AT;
    const { maxUtilisation, maxWaitMs } = this.#limits;
    return utilisation <= share * maxUtilisation && waitMs <= share * maxWaitMs;
  }

  /** The further back, the less it counts: by call-seconds, as a quiet hour teaches nothing. */
  #pass(atMs: number): void {
    const callS = (this.#calls * Math.max(0, atMs - this.#sinceMs)) / 1000;
    this.#sinceMs = Math.max(this.#sinceMs, atMs);
    const kept = Math.exp(-callS / MEMORY_CALL_S);
    this.#requests *= kept;
    this.#callS = this.#callS * kept + callS;
  }
}

/** Mean and spread of the latest times. */
class ServiceTime {
  #meanMs: number;
  #meanSquare: number;

  constructor(meanMs: number) {
    this.#meanMs = meanMs;
    this.#meanSquare = meanMs ** 2 * (1 + VARIATION);
  }

  get meanMs(): number {
    return this.#meanMs;
  }

  /** A single stall must not read as the shape of all service: at most as wide as at random. */
  get shape(): Pick<Line, 'serviceMs' | 'variation'> {
    const variation = this.#meanSquare / Math.max(this.#meanMs ** 2, Number.MIN_VALUE) - 1;
    return { serviceMs: this.#meanMs, variation: Math.min(1, Math.max(0, variation)) };
  }

  push(ms: number): void {
    this.#meanMs += (ms - this.#meanMs) * WEIGHT;
    this.#meanSquare += (ms ** 2 - this.#meanSquare) * WEIGHT;
  }
}

/** Before anything is known: Ultravox 8B on one A100, from its model card, and a reply of 45 tokens. */
const SLOT_MS = 150;
const REPLY_MS = 750;
const VARIATION = 0.25;
/** A turn in about 6 s, and two requests for it: one of two pauses is no end of a turn. */
const REQUESTS_PER_CALL_S = 2 / 6;
/** That assumption weighs as much as so many seconds of talk. */
const PRIOR_CALL_S = 60;
/** What lies so many seconds of talk back counts a third of what is new: one minute at ten calls. */
const MEMORY_CALL_S = 600;
/** Of the newest time: the mean follows a change within some twenty requests. */
const WEIGHT = 0.05;
/** Of both limits. */
const REOPENS_AT = 0.8;
