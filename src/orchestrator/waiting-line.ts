/**
 * How long one must stand in line: M/G/c. Requests come at random (calls do not know of each other),
 * each takes as long as it takes, `servers` are served at once, first come first served. The mean is
 * that of Lee and Longton: M/M/c (Erlang C) scaled by (1 + cv²) / 2; for one server it is exactly
 * Pollaczek and Khinchine's. Who has to wait at all does so about exponentially (Kingman), which gives
 * the percentile. The order of priorities is left out, so whoever waits in silence waits less than this.
 */

export interface Line {
  /** Whole, from 1. */
  servers: number;
  arrivalsPerS: number;
  /** Mean time of service. */
  serviceMs: number;
  /** Variance of the time of service over its mean squared: 0 when all take the same, 1 at random. */
  variation: number;
  /** The most requests that can be before one's own: each call has one at a time. */
  others: number;
}

/** The share of its time for which a server is busy; 1 and more: the line would grow without end. */
export function utilisationOf({ servers, arrivalsPerS, serviceMs }: Line): number {
  return (arrivalsPerS * serviceMs) / 1000 / servers;
}

/** 95 of 100 requests wait no longer, in ms. Finite: nobody waits for more than all others. */
export function waitP95Ms(line: Line): number {
  const { servers, serviceMs, variation, others } = line;
  const everybodyMs = (Math.max(0, others - servers + 1) * serviceMs) / servers;
  const utilisation = utilisationOf(line);
  if (utilisation >= 1) return everybodyMs;
  const share = waitingShare(servers, utilisation);
  if (share <= BEYOND) return 0;
  const meanOfWaitingMs = (((1 + variation) / 2) * serviceMs) / (servers * (1 - utilisation));
  return Math.min(everybodyMs, meanOfWaitingMs * Math.log(share / BEYOND));
}

/** One in twenty. */
const BEYOND = 0.05;

/** Erlang C: the share of requests that find no free server. By Erlang B's recursion, which cannot overflow. */
function waitingShare(servers: number, utilisation: number): number {
  const offered = servers * utilisation;
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (offered * blocked) / (n + offered * blocked);
  return blocked / (1 - utilisation * (1 - blocked));
}
