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

export interface Answer {
  status: number;
  /** The document; empty where there is none. */
  text: string;
}

/** What Twilio can reach of one process. */
export class SimulatedServer {
  readonly options: ServerOptions;
  readonly #routes = new Map<string, Handler>();
  readonly #gone = Promise.withResolvers<undefined>();
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

  /** What the webhook answers; undefined: the process went away before it did. */
  async post(path: string, form: Form): Promise<Answer | undefined> {
    const handler = this.#routes.get(path);
    if (!handler) throw new Error(`expected a webhook, got ${path}`);
    const answer: Answer = { status: 200, text: '' };
    const reply = {
      header: () => reply,
      code: (status: number) => {
        answer.status = status;
        return reply;
      },
      send: (text: unknown = '') => {
        answer.text = String(text);
        return reply;
      },
    };
    const request = { method: 'POST', body: form, routeOptions: { url: path } };
    const answered = handler(
      request as unknown as FastifyRequest,
      reply as unknown as FastifyReply,
    ) as Promise<unknown>;
    return Promise.race([answered.then(() => answer), this.#gone.promise]);
  }

  /** Connections are cut, and nobody listens any more. */
  leave(): void {
    this.isListening = false;
    this.#gone.resolve(undefined);
  }
}

export async function createServer(options: ServerOptions) {
  const server = new SimulatedServer(options);
  here().servers.push(server);
  return {
    listen: async () => {
      server.isListening = true;
    },
    close: async () => server.leave(),
    server: { address: () => ({ port: 1 }) },
  };
}
