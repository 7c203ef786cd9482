/** Upper edges of histograms, in seconds: each promise lies exactly on one, so that it can be counted. */

/** 0.6 s is what an answer may take at the 95th percentile, 2 s what nobody should wait for. */
export const TURN_EDGES_S = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10];
/** 2.5 s is the longest silence of a call in which nothing is wrong, 5 s under a fault. */
export const SILENCE_EDGES_S = [0.3, 0.6, 1, 1.5, 2, 2.5, 3, 4, 5, 10];
/** 0.25 s is what the agent may go on over a caller. */
export const BARGE_IN_EDGES_S = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1, 2];
/** 0.04 s is too late; after 0.3 s the caller hears a gap. */
export const SOUND_LATE_EDGES_S = [0.005, 0.01, 0.02, 0.04, 0.1, 0.3, 1];
/** 6 s is the longest that a request may stand in line. */
export const WAIT_EDGES_S = [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 1, 2, 4, 6];
/** 5 s is the longest that a tool may work. */
export const TOOL_EDGES_S = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];
/** A call, from its stream's start to its end. */
export const CALL_EDGES_S = [5, 15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600];
/** Twilio waits 15 s for a webhook. */
export const WEBHOOK_EDGES_S = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15];
