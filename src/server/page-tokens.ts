import { StreamTokens } from '../twilio/stream-token.ts';

/** From the page's asking until it opens its stream. */
const LIFE_MS = 30_000;
const MAX_OUTSTANDING = 100;
const PROTOCOL = 'softphone.';
/** In place of a call's id: the token is for the socket, whatever call comes over it. */
const SUBJECT = 'softphone';

/**
 * What a page of ours shows in place of Twilio's signature: a sub-protocol of the media socket, as
 * a browser can send no header with it. It is signed, so that the socket may reach another replica
 * than the page asked; each is good once in a process.
 */
export class PageTokens {
  readonly #tokens: StreamTokens;
  /** Issued here, until when (performance.now()); the oldest first. */
  readonly #outstanding = new Map<string, number>();

  /** @param secret the account's auth token, which all replicas have */
  constructor(secret: string) {
    this.#tokens = new StreamTokens({ secret, lifeMs: LIFE_MS, purpose: 'page token, version 1' });
  }

  /** The sub-protocol; undefined when too many are outstanding. */
  issue(): string | undefined {
    this.#forgetExpired();
    if (this.#outstanding.size >= MAX_OUTSTANDING) return undefined;
    const protocol = `${PROTOCOL}${this.#tokens.issue(SUBJECT)}`;
    this.#outstanding.set(protocol, performance.now() + LIFE_MS);
    return protocol;
  }

  /** Is it one that was issued, and not used yet? It is, from now on. */
  redeem(protocol: string): boolean {
    this.#outstanding.delete(protocol);
    return this.#tokens.redeem(protocol.slice(PROTOCOL.length), SUBJECT) === 'ok';
  }

  #forgetExpired(): void {
    const now = performance.now();
    for (const [protocol, until] of this.#outstanding) {
      if (until > now) return;
      this.#outstanding.delete(protocol);
    }
  }
}

/** The protocol that a softphone asks for; undefined: it is none. */
export function softphoneProtocol(asked: string | undefined): string | undefined {
  return asked?.startsWith(PROTOCOL) ? asked : undefined;
}
