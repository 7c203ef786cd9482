/**
 * The one-time token that a media stream carries in a `<Parameter>`.
 *
 * A stream's URL may not have a query, and the webhook and the socket may reach different replicas,
 * so the token carries all that is needed to check it: `v1.<callSid>.<expiry>.<nonce>.<mac>`.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** From the webhook's answer to the stream's `start`; Twilio takes well under a second. */
export const STREAM_TOKEN_LIFE_MS = 30_000;

export type TokenVerdict = 'ok' | 'malformed' | 'forged' | 'expired' | 'used' | 'otherCall';

/**
 * A token of about 140 characters (Twilio allows 500 for a parameter's name and value together).
 * @throws {RangeError} if the CallSid is not 1 to 64 letters and digits.
 */
export function issueStreamToken({
  secret,
  ...token
}: TokenContents & {
  /** The account's auth token; the signing key is derived from it. */
  secret: string;
}): string {
  return signedToken(keyOf(secret), token);
}

interface TokenContents {
  callSid: string;
  /** Wall clock, because another replica will compare it with its own. */
  nowMs: number;
  lifeMs?: number;
  /** What travels beside it and must arrive unchanged. */
  claims?: StreamClaims;
}

function signedToken(key: Buffer, options: TokenContents): string {
  if (!/^[A-Za-z0-9]{1,64}$/.test(options.callSid)) {
    throw new RangeError('expected a CallSid of 1 to 64 letters and digits');
  }
  const expiresMs = Math.ceil(options.nowMs + (options.lifeMs ?? STREAM_TOKEN_LIFE_MS));
  const nonce = randomBytes(16).toString('base64url');
  const body = `v1.${options.callSid}.${expiresMs.toString(36)}.${nonce}`;
  return `${body}.${macOf(key, body, options.claims)}`;
}

/** The stream's other parameters, by name. */
export type StreamClaims = Readonly<Record<string, string>>;

/** Issues and redeems the tokens of one process. */
export class StreamTokens {
  readonly #key: Buffer;
  readonly #lifeMs: number;
  /** Nonces that were redeemed here, with their expiry: after it they are refused anyway. */
  readonly #used = new Map<string, number>();

  /** @param options.purpose Tokens for one purpose are forged for every other. */
  constructor(options: { secret: string; lifeMs?: number; purpose?: string }) {
    this.#key = keyOf(options.secret, options.purpose);
    this.#lifeMs = options.lifeMs ?? STREAM_TOKEN_LIFE_MS;
  }

  issue(callSid: string, claims?: StreamClaims): string {
    const nowMs = Date.now();
    const options = { callSid, nowMs, lifeMs: this.#lifeMs };
    return signedToken(this.#key, { ...options, ...(claims && { claims }) });
  }

  /**
   * Says whether the stream of this call may start with these other parameters. A token is `ok` once
   * in this process.
   */
  redeem(token: string, callSid: string, claims: StreamClaims = {}): TokenVerdict {
    const nowMs = Date.now();
    for (const [nonce, expiresMs] of this.#used) if (expiresMs <= nowMs) this.#used.delete(nonce);
    const match = TOKEN.exec(token);
    if (!match) return 'malformed';
    const [, body = '', boundTo, expiry = '', nonce = '', mac = ''] = match;
    if (!timingSafeEqual(Buffer.from(macOf(this.#key, body, claims)), Buffer.from(mac)))
      return 'forged';
    const expiresMs = Number.parseInt(expiry, 36);
    if (expiresMs <= nowMs) return 'expired';
    if (boundTo !== callSid) return 'otherCall';
    if (this.#used.has(nonce)) return 'used';
    this.#used.set(nonce, expiresMs);
    return 'ok';
  }
}

// The MAC is compared as text, always 43 characters: base64url has spellings for the same bytes.
const TOKEN = /^(v1\.([A-Za-z0-9]{1,64})\.([0-9a-z]{1,11})\.([\w-]{22}))\.([\w-]{43})$/;

/** A key of its own, so that a token can never stand for one of Twilio's own signatures. */
function keyOf(secret: string, purpose = 'media stream token, version 1'): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
}

/** What is in no other token; undefined for what has not the form of one. It opens nothing. */
export function streamTokenNonce(token: string): string | undefined {
  return TOKEN.exec(token)?.[4];
}

function macOf(key: Buffer, body: string, claims: StreamClaims = {}): string {
  const named = Object.entries(claims).sort(([a], [b]) => (a < b ? -1 : 1));
  // A line break stands in no token: no other body and claims give the same text.
  return createHmac('sha256', key)
    .update(`${body}\n${JSON.stringify(named)}`)
    .digest('base64url');
}
