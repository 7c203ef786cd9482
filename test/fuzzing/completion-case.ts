/** vLLM's answer to a request as it might arrive: its events with something wrong in them, cut anywhere. */
import type { Random } from '../simulation/random.ts';
import { mutatedBytes, mutatedJson, mutatedText } from './mutate.ts';
import { INHERITED_NAMES, oddText, oddValue } from './odd-values.ts';

export type CompletionInput =
  /** Before everything else: what stands above the stream, when it is not what is expected. */
  | { status: number; contentType: string }
  /** Over a real connection to this machine. */
  | { loopback: true }
  /** One chunk: its bytes as characters of Latin-1. */
  | { chunk: string }
  /** The connection breaks. */
  | { breaks: true };

export function drawCompletionCase(random: Random): CompletionInput[] {
  const inputs: CompletionInput[] = [];
  if (random.chance(0.02)) inputs.push(oddHead(random));
  if (random.chance(0.03)) inputs.push({ loopback: true });
  const chunks = chunksOf(events(random), random);
  const heard = random.chance(0.1) ? chunks.slice(0, random.integer(0, chunks.length)) : chunks;
  inputs.push(...heard.map((chunk) => ({ chunk: chunk.toString('latin1') })));
  if (random.chance(0.05)) inputs.push({ breaks: true });
  return inputs;
}

function oddHead(random: Random): CompletionInput {
  const status = random.pick([200, 400, 401, 404, 408, 429, 500, 502, 503, 504]);
  const contentType = random.pick([STREAM, 'text/event-stream', 'text/html', 'application/json']);
  return { status, contentType };
}

const STREAM = 'text/event-stream; charset=utf-8';

/** The lines of the stream, event by event. */
function events(random: Random): string[] {
  const payloads = random.chance(0.6) ? spoken(random) : toolCalls(random);
  const isRight = random.chance(0.1);
  const lines = payloads.map((payload) => {
    if (isRight || random.chance(0.7)) return line(JSON.stringify(payload));
    return line(mutatedJson(payload, random));
  });
  if (isRight) return [...lines, DONE];
  for (let times = random.skewed(0, 5); times > 0; times--) {
    lines.splice(random.integer(0, lines.length), 0, between(random));
  }
  if (random.chance(0.3)) swap(lines, random);
  return random.chance(0.85) ? [...lines, DONE] : lines;
}

const DONE = line('[DONE]');

function line(payload: string): string {
  return `data: ${payload}\n\n`;
}

function spoken(random: Random): object[] {
  const count = random.skewed(1, 60);
  const words = Array.from({ length: count }, () => random.pick(WORDS));
  return [
    delta({ role: 'assistant', content: '' }),
    ...words.map((content) => delta({ content: random.chance(0.9) ? content : oddText(random) })),
    delta({}, random.pick(['stop', 'length'])),
    ...usage(random),
  ];
}

const WORDS = ['Good ', 'evening', '. ', 'ü', '您好', '😀', ' a table', '"', '\\', '\n', '{'];

function toolCalls(random: Random): object[] {
  const calls = Array.from({ length: random.skewed(1, 10) }, (_, index) => toolCall(index, random));
  const fragments = random.chance(0.5) ? calls.flat() : interleaved(calls, random);
  return [
    delta({ role: 'assistant', content: '' }),
    ...(random.chance(0.3) ? [delta({ content: 'One moment. ' })] : []),
    ...fragments.map((fragment) => delta({ tool_calls: [fragment] })),
    delta({}, 'tool_calls'),
    ...usage(random),
  ];
}

function toolCall(index: number, random: Random): object[] {
  const name = random.chance(0.8) ? 'hold_table' : random.pick(INHERITED_NAMES);
  const text = random.chance(0.7)
    ? '{"party": 4, "date": "2026-11-27"}'
    : JSON.stringify(oddValue(random));
  const size = random.integer(1, 12);
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
  const oddIndex = random.chance(0.1) ? random.pick([-1, 0.5, 1e308, -0, 8, 2 ** 53]) : index;
  const first = { index: oddIndex, id: `call-${index}`, type: 'function', function: { name } };
  return [
    first,
    ...pieces.map((piece) => ({ index: oddIndex, function: { arguments: piece } })),
    ...(random.chance(0.1) ? [{ index: oddIndex, function: { name: oddText(random) } }] : []),
    ...Array.from({ length: random.chance(0.02) ? 30 : 0 }, () => ({
      index: oddIndex,
      function: { name: 'x'.repeat(1000) },
    })),
  ];
}

function interleaved(calls: readonly object[][], random: Random): object[] {
  const left = calls.map((call) => [...call]);
  const mixed: object[] = [];
  while (left.some((call) => call.length > 0)) {
    const call = random.pick(left.filter(({ length }) => length > 0));
    mixed.push(call.shift()!);
  }
  return mixed;
}

function delta(value: object, finish_reason: string | null = null): object {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'ultravox' };
  return { ...head, choices: [{ index: 0, delta: value, logprobs: null, finish_reason }] };
}

function usage(random: Random): object[] {
  if (random.chance(0.3)) return [];
  const counts = { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 };
  return [{ ...delta({}), choices: [], usage: counts }];
}

/** What may stand between two events. */
function between(random: Random): string {
  const die = random.unit();
  if (die < 0.2)
    return random.pick([
      ':\n\n',
      ': ping\n\n',
      '\n',
      '\r\n',
      '\r',
      'event: x\n',
      'id: 1\n',
      'retry: 1\n',
    ]);
  if (die < 0.4)
    return line(
      random.pick(['', '{}', '[]', 'null', '1', '"x"', '{"choices":[]}', '{"choices":{}}']),
    );
  if (die < 0.5) return line('{"error":{"message":"out of memory","code":500}}');
  if (die < 0.6) return line(`${'['.repeat(random.pick([10, 1000, 30_000]))}`);
  if (die < 0.7) return `data: ${oddText(random)}`;
  if (die < 0.8) return DONE;
  if (die < 0.803) return line(JSON.stringify(delta({ content: 'x'.repeat(70_000) })));
  if (die < 0.81) return 'data: {}\n\n'.repeat(random.integer(1, 4500));
  return `${mutatedText(line(JSON.stringify(delta({ content: 'and ' }))), random)}\n`;
}

function swap(lines: string[], random: Random): void {
  const [a, b] = [random.integer(0, lines.length - 1), random.integer(0, lines.length - 1)];
  [lines[a], lines[b]] = [lines[b]!, lines[a]!];
}

/** Event by event, as they mostly come; or cut at any byte; now and then with a byte changed. */
function chunksOf(lines: readonly string[], random: Random): Buffer[] {
  if (random.chance(0.5)) return lines.map((each) => Buffer.from(each));
  const whole = Buffer.from(lines.join(random.chance(0.9) ? '' : '\r\n'));
  const bytes = random.chance(0.2) ? mutatedBytes(whole, random) : whole;
  const chunks: Buffer[] = [];
  const most = random.pick([3, 40, 200, 4000]);
  for (let at = 0; at < bytes.length && chunks.length < MAX_CHUNKS; ) {
    const end = chunks.length === MAX_CHUNKS - 1 ? bytes.length : at + random.integer(1, most);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

const MAX_CHUNKS = 400;
