/** One output of a model that means no good, as vLLM would stream it. */
import fc from 'fast-check';
import { CompletionParser } from '../../src/ultravox/completion-parser.ts';
import type { EngineEvent } from '../../src/ultravox/engine-client.ts';
import { EngineError } from '../../src/ultravox/engine-error.ts';
import { hostileText } from './hostile-text.ts';
import {
  confirmCall,
  holdCall,
  hostileCall,
  meantCall,
  type WrittenCall,
} from './hostile-tool-call.ts';

export interface ModelAttack {
  /** Of the event stream, in order. */
  payloads: readonly string[];
  /** Before the first payload. */
  firstMs: number;
  /** Between two payloads. */
  betweenMs: number;
  /** What comes after the last: it is complete, the connection ends, or nothing for too long. */
  ending: 'done' | 'cut' | 'stall';
}

const delta = (delta: unknown) => JSON.stringify({ choices: [{ delta }] });

/** Cut anywhere, between the halves of a character too. */
const pieces = (text: string) =>
  fc
    .array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 })
    .map((lengths) => cut(text, lengths).map((content) => delta({ content })));

function cut(text: string, lengths: readonly number[]): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const length of lengths) {
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return [...parts, text.slice(at)];
}

const words = hostileText.chain(pieces);
/** The first delta has id and name, the arguments come in pieces. */
const toolCall = (call: fc.Arbitrary<WrittenCall>) =>
  fc
    .tuple(call, fc.nat({ max: 9 }), fc.nat({ max: 40 }))
    .map(([{ name, argumentsJson }, index, at]) => [
      delta({ tool_calls: [{ index, id: `call-${index}`, function: { name } }] }),
      ...[argumentsJson.slice(0, at), argumentsJson.slice(at)].map((part) =>
        delta({ tool_calls: [{ index, function: { arguments: part } }] }),
      ),
    ]);
const rubbish = fc.constantFrom(
  ...['{"error":{"message":"boom","code":500}}', 'not json', '[]', '{"choices":[]}', '{}'],
  ...[delta({ tool_calls: [{ index: 'x' }] }), delta({ content: null }), delta({ tool_calls: 7 })],
  ...[delta({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }), '[DONE]'],
);

const parts = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: words },
      { weight: 3, arbitrary: toolCall(meantCall) },
      { weight: 3, arbitrary: toolCall(hostileCall) },
      { weight: 1, arbitrary: rubbish.map((payload) => [payload]) },
    ),
    { maxLength: 3 },
  )
  .map((all) => all.flat());

const meantAttack = attackOf(toolCall(meantCall));
const readBack = attackOf(fc.constant([delta({ content: 'For four, at eight. Is that right?' })]));
/** As a model does it that means well: a table is held, mostly read back, and then booked. */
const booking = fc
  .tuple(
    attackOf(toolCall(holdCall)),
    fc.option(readBack),
    fc.oneof(attackOf(toolCall(confirmCall)), meantAttack),
  )
  .map((all) => all.filter((each) => each !== null));
/** What a model puts out in a call, in order. */
export const modelAttacks: fc.Arbitrary<ModelAttack[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: attackOf(parts).map((each) => [each]) },
      { weight: 1, arbitrary: meantAttack.map((each) => [each]) },
      { weight: 1, arbitrary: booking },
    ),
    { minLength: 1, maxLength: 40, size: 'max' },
  )
  .map((all) => all.flat());

function attackOf(payloads: fc.Arbitrary<readonly string[]>): fc.Arbitrary<ModelAttack> {
  return fc.record({
    payloads,
    firstMs: fc.constantFrom(0, 40, 150, 900),
    betweenMs: fc.constantFrom(0, 0, 0, 5),
    ending: fc.oneof(
      { weight: 14, arbitrary: fc.constant('done' as const) },
      { weight: 1, arbitrary: fc.constantFrom('cut' as const, 'stall' as const) },
    ),
  });
}

/** Read by the parser of the real client. @throws {EngineError} as that would */
export async function* streamed(
  { payloads, firstMs, betweenMs, ending }: ModelAttack,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void, undefined> {
  const parser = new CompletionParser();
  if (firstMs > 0) await passed(firstMs, signal);
  for (const payload of payloads) {
    yield* parser.push(payload);
    if (parser.isDone) return;
    if (betweenMs > 0) await passed(betweenMs, signal);
  }
  if (ending === 'stall') {
    await passed(STALL_MS, signal);
    throw new EngineError('tokenStall', 'expected output, got none');
  }
  if (ending === 'done') {
    yield* parser.push('{"choices":[{"delta":{},"finish_reason":"stop"}]}');
  }
  yield* parser.end();
}

/** As the client bounds it. */
const STALL_MS = 1_000;

/** @throws the signal's reason, and leaves no timer behind */
export async function passed(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  await promise.finally(() => signal.removeEventListener('abort', onAbort));
}
