/** The server without its sockets: Twilio's webhooks as functions. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addHandoffWebhooks } from '../../../src/server/handoff-webhooks.ts';
import type { ServerOptions } from '../../../src/server/server-options.ts';
import { addStatusWebhooks } from '../../../src/server/status-webhooks.ts';
import { addVoiceWebhooks } from '../../../src/server/voice-webhooks.ts';
import { addVoicemailWebhooks } from '../../../src/server/voicemail-webhooks.ts';
import { here } from '../current.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;
export type Form = Record<string, string>;

/** What Twilio can reach of one process. */
export class SimulatedServer {
  readonly options: ServerOptions;
  readonly #routes = new Map<string, Handler>();
  isListening = false;

  constructor(options: ServerOptions) {
    this.options = options;
    const app = {
      post: (path: string, handler: Handler) => this.#routes.set(path, handler),
      get: () => undefined,
    } as unknown as FastifyInstance;
    addVoiceWebhooks(app, options);
    addHandoffWebhooks(app, options);
    addVoicemailWebhooks(app, options);
    addStatusWebhooks(app, options);
  }

  /** The document that the webhook answers with; empty where there is none. */
  async post(path: string, form: Form): Promise<string> {
    const handler = this.#routes.get(path);
    if (!handler) throw new Error(`expected a webhook, got ${path}`);
    let sent = '';
    const reply = {
      header: () => reply,
      code: () => reply,
      send: (text = '') => {
        sent = text;
        return reply;
      },
    };
    const request = { method: 'POST', body: form, routeOptions: { url: path } };
    await handler(request as unknown as FastifyRequest, reply as unknown as FastifyReply);
    return sent;
  }
}

export async function createServer(options: ServerOptions) {
  const server = new SimulatedServer(options);
  here().servers.push(server);
  return {
    listen: async () => {
      server.isListening = true;
    },
    close: async () => {
      server.isListening = false;
    },
    server: { address: () => ({ port: 1 }) },
  };
}
