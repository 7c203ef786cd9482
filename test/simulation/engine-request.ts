/** What the engine is asked: whose it is, and whether that is all of it. */
import { encodeMulaw } from '../../src/audio/mulaw.ts';
import type { ChatMessage } from '../../src/ultravox/engine-client.ts';
import { TRANSCRIPT_PROMPT } from '../../src/ultravox/transcriber.ts';
import { saidWords } from './vocabulary.ts';
import type { World } from './world.ts';

export type RequestKind = 'warmUp' | 'answer' | 'ofResult' | 'transcript' | 'summary';

export interface RequestBody {
  messages: ChatMessage[];
  tools?: unknown[];
  max_tokens: number;
}

export function kindOf({ messages, max_tokens }: RequestBody): RequestKind {
  if (max_tokens === 1) return 'warmUp';
  const [first] = messages;
  if (first?.content === TRANSCRIPT_PROMPT) return 'transcript';
  // The call's own prompt is the longest by far; only the summary has a user's text and no more.
  if (messages.length === 2 && typeof messages[1]?.content === 'string') return 'summary';
  // Words before a tool may have been heard to their end only after its result.
  const last = messages.findLast(({ role }) => role === 'tool' || role === 'user');
  return last?.role === 'tool' ? 'ofResult' : 'answer';
}

/** @returns the phone that it is about; undefined where nothing tells. */
export function judgeRequest(
  world: World,
  { messages }: RequestBody,
  kind: RequestKind,
): number | undefined {
  if (kind === 'warmUp') return undefined;
  const phones = new Set<number>();
  for (const message of messages) for (const phone of phonesIn(world, message)) phones.add(phone);
  if (phones.size > 1) world.violated('ownHistory', `${kind} with ${[...phones].join(' and ')}`);
  const [phone] = phones;
  if (phone !== undefined) {
    world.judgeBookings(phone, messages);
    const { messagesTold } = world.phones[phone]!;
    world.phones[phone]!.messagesTold = Math.max(messagesTold, messagesTakenIn(messages));
  }
  return phone;
}

/** Asked for twice in one turn it is the same message. */
function messagesTakenIn(messages: readonly ChatMessage[]): number {
  let taken = 0;
  let isTaken = false;
  for (const { role, content } of messages) {
    if (role === 'user') isTaken = false;
    if (role !== 'tool' || isTaken || !content.includes('The message is taken.')) continue;
    isTaken = true;
    taken += 1;
  }
  return taken;
}

function phonesIn(world: World, { content }: ChatMessage): number[] {
  if (typeof content === 'string') {
    return saidWords(content).flatMap((word) => world.vocabulary.replyOf(word)?.phone ?? []);
  }
  return content.flatMap((part) => {
    if (part.type === 'text') return phonesIn(world, { role: 'user', content: part.text });
    return soundsIn(part.input_audio.data).flatMap((byte) => world.phoneOfSound(byte) ?? []);
  });
}

/** Mu-law bytes at some places of a WAV file. Sound of one caller is of one value. */
function soundsIn(base64: string): number[] {
  const bytes = (base64.length * 3) / 4;
  const header = Buffer.from(base64.slice(0, 80), 'base64');
  const isMulaw = header.readUInt16LE(20) === 7;
  return PLACES.map((share) => {
    const at = Math.floor((HEADER_BYTES + (bytes - HEADER_BYTES) * share) / 12) * 12;
    const some = Buffer.from(base64.slice((at / 3) * 4, (at / 3) * 4 + 16), 'base64');
    if (some.length < 4) return 0xff;
    return isMulaw ? some[0]! : encodeMulaw(new Int16Array([some.readInt16LE(0)]))[0]!;
  });
}

const HEADER_BYTES = 60;
const PLACES = [0, 0.2, 0.4, 0.5, 0.6, 0.8, 0.95];
