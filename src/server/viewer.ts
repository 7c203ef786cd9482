/**
 * Who may look at calls. A viewer at this machine needs no token: but a page of another site in
 * the viewer's own browser can reach this machine as well, and a proxy on it makes everybody local.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type Bearer, bearerOf, refuse } from './bearer.ts';
import type { ServerOptions } from './server-options.ts';

/** `on`: who is local needs no token. `token`: everybody does. `off`: there is nothing to see. */
export type Access = 'on' | 'token' | 'off';

type ViewerOptions = Pick<ServerOptions, 'publicUrl' | 'visualiser'>;

/** Lets only viewers in, on every route of this scope. */
export function requireViewer(app: FastifyInstance, options: ViewerOptions, bearer: Bearer): void {
  app.addHook('onRequest', async (request, reply) => {
    const { method, raw, headers } = request;
    // Nothing that is only read can be read by another site's page: no header allows it.
    if (method !== 'GET' && method !== 'HEAD' && !isOwnOrigin(raw, options)) {
      return reply.code(403).send({ error: 'expected a page of this server, got one of another' });
    }
    if (needsNoToken(raw, options) && !isAskedByOtherSite(raw)) return;
    const refusal = bearer.refusalOf(bearerOf(headers.authorization));
    return refusal && refuse(reply, refusal);
  });
}

export function needsNoToken(request: IncomingMessage, { visualiser }: ViewerOptions): boolean {
  return visualiser.access === 'on' && isLocal(request);
}

/** True also without an Origin: then it is no page that asks. */
export function isOwnOrigin(
  { headers }: IncomingMessage,
  { publicUrl }: Pick<ServerOptions, 'publicUrl'>,
): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  const asking = URL.parse(origin)?.host;
  if (!asking) return false;
  return asking === host?.toLowerCase() || asking === URL.parse(publicUrl)?.host;
}

/**
 * The address alone says little. A name that somebody else lets point here (DNS rebinding) shows in
 * the Host; a proxy shows in its headers, or, as nginx by default, in HTTP/1.0.
 */
function isLocal({ socket, headers, httpVersion }: IncomingMessage): boolean {
  return (
    LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') &&
    LOOPBACK_HOST.test(headers.host ?? '') &&
    httpVersion === '1.1' &&
    !Object.keys(headers).some((name) => PROXY_HEADER.test(name))
  );
}

const LOOPBACK_ADDRESS = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const PROXY_HEADER = /^(?:forwarded|via|x-forwarded-.*|x-real-ip|.*-connecting-ip|true-client-ip)$/;

/** Browsers say so of an image, a sound or a script in another site's page. */
function isAskedByOtherSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}
