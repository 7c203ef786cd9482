import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Wrong tokens in a minute, after which strangers are only told to go away. */
const FAILURES_A_MINUTE = 20;

/** Why somebody is not let in, as HTTP says it. */
export interface BearerRefusal {
  status: 401 | 403 | 429;
  headers: Readonly<Record<string, string>>;
  error: string;
}

/**
 * The one token that lets somebody in. Whoever has it always is: strangers cannot lock its owner
 * out, and cannot guess 16 characters.
 */
export class Bearer {
  readonly #expected: Buffer | undefined;
  readonly #failures = new RecentFailures();

  /** @param token Undefined: nobody is let in. */
  constructor(token: string | undefined) {
    this.#expected = token === undefined ? undefined : digest(token);
  }

  get isSet(): boolean {
    return this.#expected !== undefined;
  }

  /** Undefined: it is the token. */
  refusalOf(given: string | undefined): BearerRefusal | undefined {
    if (!this.#expected) {
      return { status: 403, headers: {}, error: 'this needs API_TOKEN, which is not set' };
    }
    // Digests have one length, so that the comparison tells nothing about the token's.
    if (given && timingSafeEqual(digest(given), this.#expected)) return undefined;
    // To come without one is no guess.
    if (given && this.#failures.count() > FAILURES_A_MINUTE) {
      return { status: 429, headers: { 'retry-after': '60' }, error: 'too many wrong tokens' };
    }
    return {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="calls"' },
      error: 'expected Authorization: Bearer and the API token',
    };
  }
}

/** The token of an `Authorization` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(.*\S) *$/i.exec(authorization ?? '')?.[1];
}

/** Lets only those in who know the token, before anything else of their request is read. */
export function requireBearer(app: FastifyInstance, bearer: Bearer): void {
  app.addHook('onRequest', async (request, reply) => {
    const refusal = bearer.refusalOf(bearerOf(request.headers.authorization));
    return refusal && refuse(reply, refusal);
  });
}

export function refuse(reply: FastifyReply, { status, headers, error }: BearerRefusal) {
  return reply.code(status).headers(headers).send({ error });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** In this minute of the process's clock: one number, whoever asks and how often. */
class RecentFailures {
  #minute = 0;
  #count = 0;

  /** One more; how many there have been. */
  count(): number {
    const minute = Math.floor(performance.now() / 60_000);
    if (minute !== this.#minute) this.#count = 0;
    this.#minute = minute;
    return ++this.#count;
  }
}
