/** An engine and a voice without manners: what they do follows from what they are asked, and costs no time. */
import type { SpeakOptions, Voice, VoiceEvent } from '../../src/tts/voice.ts';
import { VoiceError } from '../../src/tts/voice.ts';
import type { EngineEvent } from '../../src/ultravox/engine-client.ts';
import { EngineError } from '../../src/ultravox/engine-error.ts';
import type { EngineStream } from '../../src/ultravox/engine-queue.ts';
import { Random } from '../simulation/random.ts';
import { wordsOf } from '../support/spoken-words.ts';
import { oddText, oddValue } from './odd-values.ts';

const TOOLS = ['hold_table', 'confirm_booking', 'take_message', 'transfer', 'goodbye', 'toString'];
const TEXTS = ['Good evening. ', 'For how many people? ', 'One moment, ', 'please. ', '<b>x</b> '];
const KINDS = ['unreachable', 'http', 'inStream', 'tokenStall', 'garbage', 'cutShort'] as const;

export const oddEngine: EngineStream = async function* (request, signal, onFirstToken) {
  const random = new Random(sumOf(JSON.stringify(request.messages.at(-1))), request.maxTokens);
  await turnOfLoop();
  for (let left = random.skewed(1, 6); left > 0; left--) {
    signal.throwIfAborted();
    onFirstToken();
    yield eventOf(random);
    await turnOfLoop();
  }
  if (random.chance(0.1)) throw new EngineError(random.pick(KINDS), 'expected a reply, got none');
  yield { type: 'finished', reason: 'stop' };
};

function eventOf(random: Random): EngineEvent {
  if (random.chance(0.8)) {
    return { type: 'text', text: random.chance(0.8) ? random.pick(TEXTS) : oddText(random) };
  }
  const argumentsJson = random.chance(0.8) ? JSON.stringify(oddValue(random)) : oddText(random);
  return { type: 'toolCall', id: oddText(random), name: random.pick(TOOLS), argumentsJson };
}

export const oddVoice: Voice = {
  name: 'odd',
  async *speak(text: AsyncIterable<string>, { signal }: SpeakOptions): AsyncGenerator<VoiceEvent> {
    for await (const piece of text) {
      const random = new Random(sumOf(piece));
      await turnOfLoop();
      signal.throwIfAborted();
      if (random.chance(0.05)) throw new VoiceError('lost', 'expected a voice, got none');
      yield { type: 'words', words: wordsOf(piece) };
      yield { type: 'audio', mulaw: random.bytes(random.skewed(0, 1600)) };
    }
  },
  async close() {},
};

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function sumOf(text: string | undefined): number {
  let sum = 0;
  for (const unit of (text ?? '').slice(0, 4000)) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) | 0;
  return sum >>> 0;
}
