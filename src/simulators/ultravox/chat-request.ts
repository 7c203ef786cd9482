/** A chat completion request as vLLM would take it: checked, and its prompt tokens counted. */
import { SAMPLE_RATE_HZ } from '../../audio/mulaw.ts';
import { resample } from '../../audio/resample.ts';
import { readWav, WavError } from '../../audio/wav.ts';
import type { ChatMessage, ContentPart } from '../../ultravox/engine-client.ts';

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  maxTokens: number;
  includeUsage: boolean;
  promptTokens: number;
  /** The sound in the last user message: its base64, to know it again, and its 8 kHz samples. */
  audio?: { data: string; samples: Int16Array };
  /** The user messages so far, this one included. */
  turn: number;
  /** The system prompt asks for what was said, not for an answer. */
  isTranscription: boolean;
  /** It asks for a summary of a call as JSON. */
  isSummary: boolean;
}

/** What vLLM answers with a 4xx; the message is the client's to see. */
export class BadRequest extends Error {
  override name = 'BadRequest';
  readonly status: number = 400;
}

export interface ChatRequestRules {
  maxModelLen: number;
  /** As builds of vLLM that read WAV with Python's `wave` alone. */
  refusesMulaw: boolean;
  refusesTools: boolean;
  /** As a chat template that prints only the text parts. */
  dropsAudio: boolean;
}

/** @throws {BadRequest} */
export function readChatRequest(body: string, rules: ChatRequestRules): ChatRequest {
  const json = parse(body);
  const messages = json.messages;
  if (!Array.isArray(messages) || messages.length === 0) throw new BadRequest('messages: required');
  if (rules.refusesTools && json.tools !== undefined) throw new BadRequest(NO_TOOLS);
  const typed = messages as ChatMessage[];
  let promptTokens = tokensOfText(JSON.stringify(json.tools ?? ''));
  for (const message of typed) promptTokens += tokensOfMessage(message, rules);
  if (promptTokens > rules.maxModelLen) throw tooLong(promptTokens, rules.maxModelLen);
  const isTold = (what: RegExp) =>
    typed.some(({ role, content }) => role === 'system' && what.test(String(content)));
  const users = typed.filter((message) => message.role === 'user');
  const audio = audioOf(users.at(-1));
  return {
    model: String(json.model),
    messages: typed,
    maxTokens: typeof json.max_tokens === 'number' ? json.max_tokens : 256,
    includeUsage: isRecord(json.stream_options) && json.stream_options.include_usage === true,
    promptTokens,
    ...(audio && !rules.dropsAudio ? { audio } : {}),
    turn: users.length,
    isTranscription: isTold(/word for word|transcri/i),
    isSummary: isTold(/\bsum up\b.*\bJSON\b/is),
  };
}

const NO_TOOLS =
  '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set';

export function tooLong(tokens: number, limit: number): BadRequest {
  return new BadRequest(
    `Input length (${tokens}) exceeds model's maximum context length (${limit}).`,
  );
}

/** About four characters a token, in English. */
export function tokensOfText(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Role header and end-of-turn token. */
const MESSAGE_TOKENS = 4;
const AUDIO_TOKENS_PER_S = 6.25;

function tokensOfMessage(message: ChatMessage, rules: ChatRequestRules): number {
  if (message.role === 'assistant' && (message.tool_calls?.length ?? 0) > 1) {
    throw new BadRequest('This model only supports single tool-calls at once!');
  }
  const { content } = message;
  const parts: readonly ContentPart[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (!Array.isArray(parts)) throw new BadRequest('content: expected a string or a list of parts');
  return parts.reduce((sum, part) => sum + tokensOfPart(part, rules), MESSAGE_TOKENS);
}

function tokensOfPart(part: ContentPart, rules: ChatRequestRules): number {
  if (part.type === 'text') {
    if (part.text.includes('<|audio|>')) {
      throw new BadRequest(
        "Found more '<|audio|>' placeholders in input prompt than actual multimodal data items.",
      );
    }
    return tokensOfText(part.text);
  }
  if (part.type !== 'input_audio') throw new BadRequest('Unsupported chat content part type');
  const file = Buffer.from(part.input_audio.data, 'base64');
  if (rules.refusesMulaw && file.readUInt16LE(20) === 7) {
    throw new BadRequest('Unsupported WAV compression type: ULAW');
  }
  const { samples, channels, sampleRateHz } = decode(file);
  const seconds = samples.length / channels / sampleRateHz;
  return rules.dropsAudio ? 0 : Math.ceil(seconds * AUDIO_TOKENS_PER_S);
}

function audioOf(message: ChatMessage | undefined): ChatRequest['audio'] {
  if (!message || typeof message.content === 'string') return undefined;
  const part = message.content.find((each) => each.type === 'input_audio');
  if (!part) return undefined;
  const { data } = part.input_audio;
  const { samples, sampleRateHz } = decode(Buffer.from(data, 'base64'));
  return { data, samples: resample(samples, sampleRateHz, SAMPLE_RATE_HZ) };
}

function decode(file: Uint8Array): ReturnType<typeof readWav> {
  try {
    return readWav(file);
  } catch (error) {
    if (error instanceof WavError) throw new BadRequest('Invalid or unsupported audio file.');
    throw error;
  }
}

function parse(body: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(body);
    if (isRecord(json)) return json;
  } catch {
    // Told below, as for JSON that is no object.
  }
  throw new BadRequest('expected a JSON object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
