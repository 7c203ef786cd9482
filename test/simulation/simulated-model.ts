/** What the model puts out: words of its own, tools in a sensible order, and now and then nonsense. */
import type { ChatMessage } from '../../src/ultravox/engine-client.ts';
import type { RequestBody, RequestKind } from './engine-request.ts';
import type { Random } from './random.ts';
import type { Reply } from './vocabulary.ts';
import type { World } from './world.ts';

export interface Output {
  text: string;
  toolCall?: { id: string; name: string; argumentsJson: string };
  promptTokens: number;
  /** How much slower than usual. */
  pace?: number;
}

interface Situation {
  kind: RequestKind;
  phone: number | undefined;
  world: World;
  random: Random;
}

export function decide(body: RequestBody, situation: Situation): Output {
  const { kind, phone, world, random } = situation;
  const promptTokens = kind === 'warmUp' ? warmUpTokens(body) : 500;
  if (kind === 'warmUp') return { text: 'Hi', promptTokens };
  const reply = world.vocabulary.newReply(phone, world.time.nowMs);
  const write = (words: number) => sentencesOf(world, reply, words, random);
  if (kind === 'transcript') return { text: write(random.integer(1, 6)), promptTokens };
  if (kind === 'summary') {
    const summary = JSON.stringify({ summary: write(4), tags: ['frustrated'] });
    return { text: summary, promptTokens };
  }
  if (world.fault('modelNonsense', world.rates.modelNonsense)) {
    return { ...nonsense(write, random), promptTokens };
  }
  const mayAct = !world.isCalm && body.tools;
  const tool =
    mayAct && random.chance(world.options.toolShare) && toolFor(body.messages, world, random);
  if (!tool) return { text: write(random.skewed(2, 16)), promptTokens };
  if (tool.name === 'hold_table') {
    // Where nothing tells whose turn it is, it may be anybody's.
    const callers = phone === undefined ? world.phones : [world.phones[phone]!];
    for (const caller of callers) caller.asksForTable(tool.args);
  }
  const id = `call-${reply.id}`;
  const toolCall = { id, name: tool.name, argumentsJson: JSON.stringify(tool.args) };
  return { text: random.chance(0.3) ? write(random.integer(2, 6)) : '', toolCall, promptTokens };
}

function warmUpTokens({ messages }: RequestBody): number {
  const hasSound = messages.some(
    ({ content }) =>
      typeof content !== 'string' && content.some(({ type }) => type === 'input_audio'),
  );
  return hasSound ? 30 : 20;
}

/** Clauses of some words, sentences of some clauses. */
function sentencesOf(world: World, reply: Reply, words: number, random: Random): string {
  let text = '';
  for (let at = 0; at < words; at++) {
    text += world.vocabulary.word(reply, at);
    const isLast = at === words - 1;
    text += isLast || random.chance(0.15) ? '. ' : random.chance(0.15) ? ', ' : ' ';
  }
  return text.trim();
}

function nonsense(write: (words: number) => string, random: Random): Omit<Output, 'promptTokens'> {
  const id = 'call-x';
  return random.pick<() => Omit<Output, 'promptTokens'>>([
    () => ({ text: '' }),
    () => ({ text: '   ' }),
    () => ({ text: '{"name": "end_call", "parameters": {}}' }),
    () => ({ text: `${write(3)} {"name": "check_availability", "parameters": {"date": 3}}` }),
    () => ({ text: '```json\n{}\n```' }),
    () => ({ text: write(120) }),
    () => ({ text: '', toolCall: { id, name: 'no_such_tool', argumentsJson: '{}' } }),
    () => ({ text: '', toolCall: { id, name: 'hold_table', argumentsJson: '{"date": "tomo' } }),
    () => ({ text: write(4), toolCall: { id: '', name: 'confirm_booking', argumentsJson: '[]' } }),
  ])();
}

interface ToolUse {
  name: string;
  args: Record<string, unknown>;
}

/** As a model with some sense: what was held is confirmed, what was found is changed. */
function toolFor(
  messages: readonly ChatMessage[],
  world: World,
  random: Random,
): ToolUse | undefined {
  const handles = [
    ...new Set(
      messages.flatMap((message) => (message.role === 'tool' ? handlesIn(message.content) : [])),
    ),
  ];
  const last = messages.at(-1);
  // After a result the model mostly speaks.
  if (last?.role === 'tool' && random.chance(0.8)) return undefined;
  const handle = handles.at(-1);
  if (handle && random.chance(0.6)) {
    return random.pick<ToolUse>([
      { name: 'confirm_booking', args: { booking: handle } },
      { name: 'confirm_booking', args: { booking: handle } },
      { name: 'confirm_booking', args: { booking: handle } },
      { name: 'change_booking', args: { booking: handle, time: eveningTime(random) } },
      { name: 'cancel_booking', args: { booking: handle } },
    ]);
  }
  const { date } = world;
  return random.pick<() => ToolUse>([
    () => ({
      name: 'hold_table',
      args: { date, time: eveningTime(random), party: random.integer(1, 6), name: 'Miller' },
    }),
    () => ({
      name: 'hold_table',
      args: { date, time: eveningTime(random), party: 2, name: 'Stone' },
    }),
    () => ({ name: 'hold_table', args: { date, time: '19:00', party: 2, name: 'Stone' } }),
    () => ({ name: 'check_availability', args: { date, time: eveningTime(random), party: 4 } }),
    () => ({ name: 'find_booking', args: { name: 'Miller', last_digits: '5678' } }),
    () => ({ name: 'take_message', args: { text: 'Please call back.' } }),
    () => ({ name: 'transfer_to_staff', args: {} }),
    () => ({ name: 'switch_language', args: { language: 'de' } }),
    () => ({ name: 'end_call', args: {} }),
  ])();
}

function handlesIn(content: string): string[] {
  return content.match(/B\d+/g) ?? [];
}

function eveningTime(random: Random): string {
  return `${random.integer(18, 20)}:${random.pick(['00', '15', '30'])}`;
}
