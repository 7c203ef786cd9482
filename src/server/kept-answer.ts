/** What Twilio tells once, and nobody else: it is told again until it is kept. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerOptions } from './server-options.ts';
import { callSidOf, type Form, formOf } from './signed-form.ts';

/** Writes down what a webhook tells. @returns False: some of it is lost. */
type Note = (form: Form, callSid: string) => boolean | Promise<boolean>;

/** Twilio waits 4 s for an answer (`TOLD_AGAIN`); what is noted may itself take its time. */
const ANSWER_MS = 3000;

/**
 * Answers a webhook with 204 once what it tells would survive this process, and with 503 when it
 * does not come to that: its URL asks Twilio to tell it again then.
 */
export function keptAnswer({ journal, log }: Pick<ServerOptions, 'journal' | 'log'>, note: Note) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const form = formOf(request);
    const callSid = callSidOf(form);
    const endsMs = performance.now() + ANSWER_MS;
    const isWritten = await note(form, callSid);
    const isKept = isWritten && (await journal.kept(endsMs - performance.now()));
    if (isKept) return reply.code(204).send();
    log.error({ callSid, route: request.routeOptions.url }, 'webhook not kept');
    return reply.code(503).send({ error: 'expected it to be written down, it was not' });
  };
}
