/**
 * Where the world believes the server to be, and where it listens. Twilio signs the former; the
 * simulator dials the latter, as a proxy would.
 */
export class PublicAddress {
  /** Without a slash at its end. */
  readonly publicBase: string;
  readonly #realOrigin: string;

  /** @param webhookUrl where the server listens, such as `http://127.0.0.1:5000/`. */
  constructor(webhookUrl: string, publicUrl?: string) {
    this.#realOrigin = new URL(webhookUrl).origin;
    this.publicBase = (publicUrl ?? this.#realOrigin).replace(/\/+$/, '');
  }

  /** What is configured at Twilio for a URL of the real server. */
  publicUrlOf(realUrl: string): string {
    const { pathname, search } = new URL(realUrl);
    return this.publicBase + pathname + search;
  }

  /** Where to send a request for a public URL, in `http` or `ws`; undefined if it is elsewhere. */
  realUrlOf(publicUrl: string): string | undefined {
    const isSocket = /^wss?:/.test(publicUrl);
    const base = this.publicBase.replace(/^http/, isSocket ? 'ws' : 'http');
    if (!publicUrl.startsWith(base)) return undefined;
    const rest = publicUrl.slice(base.length);
    if (rest !== '' && !/^[/?#]/.test(rest)) return undefined;
    const origin = isSocket ? this.#realOrigin.replace(/^http/, 'ws') : this.#realOrigin;
    return origin + (rest === '' ? '/' : rest);
  }
}
