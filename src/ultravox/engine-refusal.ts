/** An HTTP refusal of the engine as a typed error. */
import { EngineError } from './engine-error.ts';

/**
 * Reads at most 16 KiB of the refusal. vLLM's validation errors quote the request, which holds the
 * caller's words: only phrases that are known to be the engine's own are repeated.
 */
export async function refusalOf(response: Response): Promise<EngineError> {
  const body = await startOf(response);
  const phrase = KNOWN_PHRASES.map((pattern) => pattern.exec(body)?.[0]).find((text) => text);
  const detail = phrase ? `: ${phrase}` : '';
  const { status } = response;
  return new EngineError('http', `expected HTTP 200, got ${status}${detail}`, { status });
}

const MAX_REFUSAL_BYTES = 16_384;

const KNOWN_PHRASES: readonly RegExp[] = [
  /At most \d+ audio\(s\) may be provided in one prompt/,
  /Input length \(\d+\) exceeds model's maximum context length \(\d+\)/,
  /maximum context length is \d+ tokens/,
  /Invalid or unsupported audio file/,
  /Unsupported WAV compression type/,
  /Found more '<\|audio\|>' placeholders in input prompt than actual multimodal data items/,
  /This model only supports single tool-calls at once/,
  /tool choice requires --enable-auto-tool-choice/,
  /The model `[\w./-]{1,100}` does not exist/,
  /Unauthorized/,
];

async function startOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  if (!response.body) return text;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (bytes >= MAX_REFUSAL_BYTES) break;
  }
  return text;
}
