/** From the caller's last sound to the answer's first: within it an answer comes naturally. */
export const RESPONSE_LIMIT_MS = 600;
