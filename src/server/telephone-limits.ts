/** How long a person's telephone rings; Twilio adds five seconds of its own. */
export const RING_S = 25;

/** How long a caller and a person may talk. */
export const TALK_LIMIT_S = 3600;
