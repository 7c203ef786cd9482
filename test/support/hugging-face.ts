/** The little of Hugging Face that a token's access is checked with. */
import { type HttpAnswer, type HttpAnswers, httpAnswers } from './http-answers.ts';

export const MODEL = 'fixie-ai/ultravox-v0_5-llama-3_1-8b';
export const GATED = 'meta-llama/Llama-3.1-8B-Instruct';
const ENCODER = 'openai/whisper-large-v3-turbo';

export interface HuggingFaceOptions {
  /** The one token that it knows. */
  token: string;
  /** Whether its owner has accepted the licence. */
  licensed?: boolean;
  /** Answers everything with this HTTP status. */
  status?: number;
}

export function startHuggingFace(
  t: { after(clean: () => unknown): void },
  { token, licensed = true, status }: HuggingFaceOptions,
): Promise<HttpAnswers> {
  return httpAnswers(t, ({ url = '', headers }): HttpAnswer => {
    if (status) return { status };
    if (headers.authorization !== `Bearer ${token}`) return { status: 401 };
    const model = /^\/(.+)\/resolve\/main\/config\.json$/.exec(url)?.[1] ?? '';
    if (model === GATED && !licensed) {
      return { status: 403, headers: { 'x-error-code': 'GatedRepo' } };
    }
    if (![MODEL, GATED, ENCODER].includes(model)) {
      return { status: 404, headers: { 'x-error-code': 'RepoNotFound' } };
    }
    const body = JSON.stringify({ text_model_id: GATED, audio_model_id: ENCODER });
    return { headers: { 'content-type': 'application/json' }, body };
  });
}
