/** vLLM tells some 100 kB of itself; more than this is something else. */
const MAX_BYTES = 2 * 1024 * 1024;

export interface MetricsSource {
  /** Of the engine, with the version, as in `http://host:8000/v1`. */
  url: string;
  apiKey?: string | undefined;
}

/**
 * What the engine tells of itself under `/metrics`, in Prometheus's text format. Never rejects:
 * undefined where it tells nothing, or not within this time.
 */
export async function metricsText(
  { url, apiKey }: MetricsSource,
  withinMs: number,
): Promise<string | undefined> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), withinMs);
  try {
    const headers: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {};
    // Beside the version, as its health is.
    const address = `${url.replace(/\/+$/, '').replace(/\/v1$/, '')}/metrics`;
    const response = await fetch(address, { headers, signal: limit.signal, redirect: 'error' });
    return response.ok ? await bodyOf(response) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    // Closes a body that was not read to its end.
    limit.abort();
  }
}

async function bodyOf(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}
