/** Asks the server, with the viewer's token where there is one. */

/** Kept while this tab is open, and nowhere else. */
const TOKEN_KEY = 'visualiser-token';
const PATIENCE_MS = 10_000;
/** The sound of half an hour is 58 MB. */
const SOUND_PATIENCE_MS = 120_000;

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Api {
  /** Called when the server wants a token, or another one. */
  onUnauthorised: () => void = () => undefined;

  get token(): string | null {
    return sessionStorage.getItem(TOKEN_KEY);
  }

  set token(token: string | null) {
    if (token) sessionStorage.setItem(TOKEN_KEY, token);
    else sessionStorage.removeItem(TOKEN_KEY);
  }

  /**
   * @param path under `/visualiser/api/`, such as `calls/CA...`
   * @throws {ApiError} with the server's own words, and Error where it has none
   */
  async get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    return (await this.#ask(path, { method: 'GET' }, signal)).json() as Promise<Answer>;
  }

  async post<Answer>(path: string, body: object, signal?: AbortSignal): Promise<Answer> {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    return (await this.#ask(path, request, signal)).json() as Promise<Answer>;
  }

  /** For sound, which is not JSON. */
  async blob(path: string, signal?: AbortSignal): Promise<Blob> {
    return (await this.#ask(path, { method: 'GET' }, signal, SOUND_PATIENCE_MS)).blob();
  }

  async #ask(
    path: string,
    request: RequestInit,
    signal?: AbortSignal,
    patienceMs = PATIENCE_MS,
  ): Promise<Response> {
    const late = AbortSignal.timeout(patienceMs);
    const headers = new Headers(request.headers);
    if (this.token) headers.set('authorization', `Bearer ${this.token}`);
    const response = await fetch(`api/${path}`, {
      ...request,
      headers,
      signal: signal ? AbortSignal.any([signal, late]) : late,
    }).catch((cause) => {
      throw new Error('the server cannot be reached', { cause });
    });
    if (response.ok) return response;
    if (response.status === 401) this.onUnauthorised();
    const { error } = (await response.json().catch(() => ({}))) as { error?: string };
    throw new ApiError(response.status, error ?? `the server answered ${response.status}`);
  }
}
