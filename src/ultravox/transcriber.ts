/** Writes down a call's past turns, one at a time, when nobody else needs the engine. */

import type { Conversation } from './conversation.ts';
import { type AudioFormat, encodeAudio } from './encode-audio.ts';
import type { EngineEvent, EngineRequest } from './engine-client.ts';
import type { EngineQueue } from './engine-queue.ts';

export interface TranscriberOptions {
  queue: Pick<EngineQueue, 'submit'>;
  conversation: Conversation;
  /** For one turn, in line; a turn that misses it is tried once more at a later `wake()`. */
  deadlineMs?: number;
  /** CallSid, for whoever looks at the queue. */
  owner?: () => string | undefined;
  onTranscript?: (turnId: string, text: string) => void;
  onProblem?: (error: unknown) => void;
}

export class Transcriber {
  readonly #options: TranscriberOptions;
  readonly #failures = new Map<string, number>();
  #work: Promise<void> | undefined;

  constructor(options: TranscriberOptions) {
    this.#options = options;
  }

  /**
   * To be called when a turn was added. Resolves when nothing is left to do for now, or at once
   * when `signal` aborts; never rejects.
   */
  wake(signal: AbortSignal): Promise<void> {
    this.#work ??= this.#transcribeAll(signal).finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  async #transcribeAll(signal: AbortSignal): Promise<void> {
    const { conversation } = this.#options;
    // Ends: each turn either gets its transcript, or the loop stops at its failure.
    for (;;) {
      const turn = conversation.nextToTranscribe();
      if (!turn || signal.aborted) return;
      try {
        const text = await this.#transcribe(turn.mulaw, signal);
        conversation.setTranscript(turn.id, text);
        this.#options.onTranscript?.(turn.id, text);
      } catch (error) {
        if (signal.aborted) return;
        this.#giveUp(turn.id);
        this.#options.onProblem?.(error);
        return;
      }
    }
  }

  async #transcribe(mulaw: Uint8Array, signal: AbortSignal): Promise<string> {
    const { queue, conversation, deadlineMs = 30_000 } = this.#options;
    const request = () => transcriptRequest(mulaw, conversation.audioFormat);
    const owner = this.#options.owner?.();
    const ticket = queue.submit({ request, priority: 'background', deadlineMs, signal, owner });
    return cleanTranscript(await textOf(ticket.events));
  }

  /** One bad turn must not keep the later ones from being written. */
  #giveUp(turnId: string): void {
    const failures = (this.#failures.get(turnId) ?? 0) + 1;
    this.#failures.set(turnId, failures);
    if (failures >= MAX_ATTEMPTS) this.#options.conversation.setTranscript(turnId, '');
  }
}

/** What asks the model to write instead of answer. */
export const TRANSCRIPT_PROMPT =
  'Write down, word for word, what the speaker says. Keep fillers and false starts. ' +
  'Write only those words: no answer, no comment, no quotation marks. ' +
  'If no words can be made out, write nothing.';

export function transcriptRequest(mulaw: Uint8Array, format: AudioFormat): EngineRequest {
  return {
    messages: [
      { role: 'system', content: TRANSCRIPT_PROMPT },
      { role: 'user', content: [encodeAudio(mulaw, format)] },
    ],
    maxTokens: 200,
    temperature: 0,
  };
}

const MAX_ATTEMPTS = 2;
const MAX_TRANSCRIPT_CHARS = 1000;

async function textOf(events: AsyncIterable<EngineEvent>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}

function cleanTranscript(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().slice(0, MAX_TRANSCRIPT_CHARS);
  return line.replace(/^["“]|["”]$/g, '');
}
