import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** Wrong tokens in a minute, after which strangers are only told to go away. */
const FAILURES_A_MINUTE = 20;

/**
 * Lets only those in who know the token, before anything else of their request is read. The right
 * token is always let in: strangers cannot lock its owner out, and cannot guess 16 characters.
 * @param token Undefined: nobody is let in.
 */
export function requireBearer(app: FastifyInstance, token: string | undefined): void {
  const expected = token && digest(token);
  const failures = new RecentFailures();
  app.addHook('onRequest', async (request, reply) => {
    if (!expected) {
      return reply.code(403).send({ error: 'this needs API_TOKEN, which is not set' });
    }
    const [, given] = /^bearer +(.*\S) *$/i.exec(request.headers.authorization ?? '') ?? [];
    // Digests have one length, so that the comparison tells nothing about the token's.
    if (given && timingSafeEqual(digest(given), expected)) return;
    if (failures.count() > FAILURES_A_MINUTE) {
      return reply.code(429).header('retry-after', '60').send({ error: 'too many wrong tokens' });
    }
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer realm="calls"')
      .send({ error: 'expected Authorization: Bearer and the API token' });
  });
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
