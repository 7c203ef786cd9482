/** An answer to a call is spoken, whatever has gone wrong: Twilio would read out an error of its own. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sayAndHangUp } from '../twilio/twiml.ts';
import { fallbackDocument } from './fallback.ts';
import type { ServerOptions } from './server-options.ts';
import { callSidOf, type Form, formOf } from './signed-form.ts';

type Document = (form: Form, callSid: string) => string | Promise<string>;

/**
 * Answers a webhook with a document.
 * @param instead The document when that one is not to be had; the fallback by default.
 */
export function spokenAnswer(
  options: ServerOptions,
  document: Document,
  instead: () => string = () => lastResort(options),
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const form = formOf(request);
    const callSid = callSidOf(form);
    let twiml: string;
    try {
      twiml = await document(form, callSid);
    } catch (error) {
      const route = request.routeOptions.url;
      options.log.error({ callSid, route, err: error }, 'webhook failed');
      twiml = instead();
    }
    return reply.header('content-type', 'text/xml; charset=utf-8').send(twiml);
  };
}

/** For when nothing of the restaurant is known any more. */
const LAST_WORDS =
  'I am sorry, something went wrong on our side. Please call again later. Goodbye.';

function lastResort(options: ServerOptions): string {
  try {
    return fallbackDocument(options);
  } catch {
    return sayAndHangUp({ text: LAST_WORDS, language: 'en' });
  }
}
