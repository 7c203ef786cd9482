import { randomBytes } from 'node:crypto';

/** From the page's asking until it opens its stream. */
const LIFE_MS = 30_000;
const MAX_OUTSTANDING = 100;
const PROTOCOL = 'softphone.';

/**
 * What a page of ours shows in place of Twilio's signature: a sub-protocol of the media socket, as
 * a browser can send no header with it. Each is good once, in this process.
 */
export class PageTokens {
  /** By protocol, until when (performance.now()); the oldest first. */
  readonly #outstanding = new Map<string, number>();

  /** The sub-protocol; undefined when too many are outstanding. */
  issue(): string | undefined {
    this.#forgetExpired();
    if (this.#outstanding.size >= MAX_OUTSTANDING) return undefined;
    const protocol = `${PROTOCOL}${randomBytes(32).toString('base64url')}`;
    this.#outstanding.set(protocol, performance.now() + LIFE_MS);
    return protocol;
  }

  /** Is it one that was issued, and not used yet? It is, from now on. */
  redeem(protocol: string): boolean {
    this.#forgetExpired();
    return this.#outstanding.delete(protocol);
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
