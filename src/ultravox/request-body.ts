/**
 * A request as the bytes that are sent. Sound is nearly all of them, and the same in each request of a
 * call: its base64 is made once, and copied here without being read again.
 */
import type { ChatMessage, ContentPart, EngineRequest } from './engine-client.ts';

/** JSON in UTF-8, as `/chat/completions` takes it. */
export function requestBody(model: string, request: EngineRequest): Uint8Array<ArrayBuffer> {
  const { messages, tools, temperature, maxTokens } = request;
  const head = {
    model,
    stream: true,
    stream_options: { include_usage: true },
    temperature,
    max_tokens: maxTokens,
    ...(tools?.length ? { tool_choice: 'auto' } : {}),
  };
  const pieces = [JSON.stringify(head).slice(0, -1)];
  if (tools?.length) pieces.push(',"tools":', toolsJson(tools));
  pieces.push(',"messages":[');
  for (const [index, message] of messages.entries()) {
    if (index > 0) pieces.push(',');
    pushMessage(pieces, message);
  }
  pieces.push(']}');
  return bytesOf(pieces);
}

/** The tools are the same for every request of a server. */
const toolsJsons = new WeakMap<readonly unknown[], string>();

function toolsJson(tools: readonly unknown[]): string {
  const json = toolsJsons.get(tools) ?? JSON.stringify(tools);
  toolsJsons.set(tools, json);
  return json;
}

function pushMessage(pieces: string[], message: ChatMessage): void {
  if (message.role !== 'user' || typeof message.content === 'string') {
    pieces.push(JSON.stringify(message));
    return;
  }
  pieces.push('{"role":"user","content":[');
  for (const [index, part] of message.content.entries()) {
    if (index > 0) pieces.push(',');
    pushPart(pieces, part);
  }
  pieces.push(']}');
}

function pushPart(pieces: string[], part: ContentPart): void {
  if (part.type === 'text') {
    pieces.push(JSON.stringify(part));
    return;
  }
  const { data, format } = part.input_audio;
  // Base64 holds nothing that JSON would escape.
  pieces.push('{"type":"input_audio","input_audio":{"data":"', data);
  pieces.push(`","format":${JSON.stringify(format)}}}`);
}

function bytesOf(pieces: readonly string[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const piece of pieces) length += Buffer.byteLength(piece);
  const bytes = Buffer.alloc(length);
  let at = 0;
  for (const piece of pieces) at += bytes.write(piece, at);
  return bytes;
}
