/** The softphone: a page of ours that calls this server as Twilio would. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';
import type { PageTokens } from './page-tokens.ts';
import type { Refusal, ServerOptions } from './server-options.ts';

/** What the page needs to open its media stream. */
interface SoftphoneCall {
  callSid: string;
  accountSid: string;
  /** Sub-protocol of the media socket. */
  protocol: string;
  /** Of the stream's `start`. */
  customParameters: Readonly<Record<string, string>>;
}

const REASONS: Readonly<Record<Refusal, string>> = {
  draining: 'the server is about to stop and takes no new calls',
  full: 'as many calls are live as there may be',
  engine: 'the engine is not ready to answer',
  load: 'the engine has as many calls as it can answer in time',
};

export function addSoftphone(
  app: FastifyInstance,
  options: ServerOptions,
  pageTokens: PageTokens,
): void {
  app.post('/softphone', (_request, reply) => {
    const callSid = `CA${randomUUID().replaceAll('-', '')}`;
    const refusal = options.admit(callSid);
    if (refusal) throw new ApiError(503, `no call can be taken now: ${REASONS[refusal]}`);
    const protocol = pageTokens.issue();
    if (!protocol) throw new ApiError(503, 'no call can be taken now: too many are about to begin');
    // Nothing is written down yet: a call of which no stream comes was none.
    const claims = { direction: 'inbound' };
    const token = options.tokens.issue(callSid, claims);
    const { accountSid } = options.visualiser;
    const call: SoftphoneCall = {
      callSid,
      accountSid,
      protocol,
      customParameters: { token, ...claims },
    };
    options.log.info({ callSid }, 'softphone call asked for');
    return reply.code(201).send(call);
  });
}
