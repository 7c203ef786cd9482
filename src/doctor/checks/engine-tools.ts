import type { EngineClient } from '../../ultravox/engine-client.ts';
import { EngineError } from '../../ultravox/engine-error.ts';
import { leakedToolCall } from '../../ultravox/leaked-call.ts';
import type { Check } from '../check.ts';
import { engineConnection, unlessNotStarted } from '../engine-connection.ts';
import { type Finding, failure, pass, warning } from '../finding.ts';

const TOOL = {
  type: 'function',
  function: {
    name: 'report_weather',
    description: 'Tells the weather in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} as const;
const MESSAGES = [
  { role: 'system', content: 'You answer by calling the tool report_weather.' },
  { role: 'user', content: 'What is the weather in Berlin?' },
] as const;
const MAX_TOKENS = 64;
const FLAGS = 'start vLLM with --enable-auto-tool-choice --tool-call-parser llama3_json';

/** Whether the model's tool calls come as such, and not as words that would be spoken. */
export const engineTools: Check = {
  name: 'vLLM tools',
  remedy: 'see to the model first; a cold engine needs minutes',
  run: ({ settings }, signal) =>
    unlessNotStarted(settings, () => askForTool(engineConnection(settings), signal)),
};

async function askForTool(engine: EngineClient, signal: AbortSignal): Promise<Finding> {
  const request = { messages: MESSAGES, tools: [TOOL], maxTokens: MAX_TOKENS, temperature: 0 };
  let text = '';
  try {
    for await (const event of engine.stream(request, signal)) {
      if (event.type === 'text') text += event.text;
      if (event.type === 'toolCall' && event.name === TOOL.function.name) {
        return pass('a tool was called when it was asked for');
      }
    }
  } catch (error) {
    const isRefused = error instanceof EngineError && error.status === 400;
    if (!isRefused) throw error;
    return failure('vLLM refuses requests with tools', FLAGS);
  }
  if (leakedToolCall(text)) {
    return warning('the tool call came as words: they are recognised, but later', FLAGS);
  }
  return warning('the model answered without the tool', 'use a model that was trained for tools');
}
