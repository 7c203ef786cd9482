/** Twilio's request signature: HMAC-SHA1 over the URL that Twilio was given and the form it posts. */
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';

/**
 * True if Twilio signed this webhook with our auth token.
 *
 * The URL is built from the configured public URL and the raw path, never from `Host` or
 * `X-Forwarded-*`: a proxy rewrites those, and a stranger can write them. Never throws.
 */
export function isSignedRequest(options: {
  authToken: string;
  /** The `X-Twilio-Signature` header. */
  signature: string | undefined;
  /** Where Twilio reaches us, such as `https://h.example/v4/p-1/app`; a proxy has cut its path. */
  publicUrl: string;
  /** Path and query as received, unparsed: percent-encoding is part of what is signed. */
  path: string;
  /** The parsed form of a POST; `{}` for a GET. Empty fields belong to it. */
  params: Record<string, unknown>;
}): boolean {
  // Twilio's own check removes duplicates of a repeated key before it signs, so a copy could be
  // slipped past the signature. No webhook of Twilio's repeats a key.
  if (!Object.values(options.params).every((value) => typeof value === 'string')) return false;
  return isSigned(options.authToken, options.signature, urlOf(options), options.params);
}

/**
 * True if Twilio signed this WebSocket upgrade. Twilio's pages and recorded upgrades differ in the
 * trailing slash and the port, so each documented form is accepted; all name the same host and path.
 * Never throws.
 */
export function isSignedUpgrade(options: {
  authToken: string;
  signature: string | undefined;
  publicUrl: string;
  path: string;
}): boolean {
  const url = urlOf(options);
  return upgradeUrls(url).some((candidate) =>
    isSigned(options.authToken, options.signature, candidate, {}),
  );
}

function urlOf(options: { publicUrl: string; path: string }): string {
  return options.publicUrl.replace(/\/+$/, '') + options.path;
}

/** `wss://h/p`, `wss://h:443/p`, each with `/` behind it, and the same with `https://`. */
function upgradeUrls(url: string): string[] {
  const match = /^(?:https?|wss?):\/\/([^/?#]+)([^?#]*)/.exec(url);
  if (!match) return [];
  const [, authority = '', path = ''] = match;
  const bare = path.replace(/\/$/, '');
  const secureAuthority = authority.replace(/:443$/, '');
  // A port of its own is only seen in development, where the socket is plain.
  const hosts = /:\d+$/.test(secureAuthority)
    ? [`wss://${authority}`, `ws://${authority}`]
    : ['wss', 'https'].flatMap((scheme) => [
        `${scheme}://${secureAuthority}`,
        `${scheme}://${secureAuthority}:443`,
      ]);
  return hosts.flatMap((host) => [`${host}${bare}`, `${host}${bare}/`]);
}

function isSigned(
  authToken: string,
  signature: string | undefined,
  url: string,
  params: Record<string, unknown>,
): boolean {
  if (!signature || !authToken) return false;
  try {
    return validateRequest(authToken, signature, url, params);
  } catch {
    // It throws on a URL that cannot be parsed: then nobody signed it.
    return false;
  }
}
