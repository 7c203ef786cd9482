/**
 * Ends the URL of a webhook that tells something only once: without it Twilio tells it again only
 * where it could not connect. Up to five more times, whatever failed, each after 4 s without an
 * answer; all together within 15 s. A fragment is neither sent nor signed.
 */
export const TOLD_AGAIN = '#rc=5&rp=all&rt=4000';

/**
 * Ends the URL of a document that a caller waits for, where who was asked may have died just then: a
 * connection is waited for a second, an answer for as long as ours may take.
 */
export const ASKED_AGAIN = '#rc=5&rp=all&ct=1000&rt=7000';
