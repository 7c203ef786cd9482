/**
 * The prompt and the history of one call, as messages for the model. Pure: nothing is sent here.
 *
 * vLLM caches the prompt by its prefix, so requests are kept equal byte for byte from their
 * beginning: a turn's message is made once, and sound gives way to text for several turns at once,
 * seldom, rather than for one turn in every request.
 */
import { type AudioFormat, encodeAudio } from './encode-audio.ts';
import type { ChatMessage, ContentPart } from './engine-client.ts';
import { pastCall } from './past-call.ts';
import { withoutSpecialTokens } from './special-tokens.ts';

export interface ConversationOptions {
  systemPrompt: string;
  /** N: sound is sent of the newest N to 2N turns of the caller, transcripts of those before. */
  keepAudioTurns?: number;
  /** Default `mulaw`. */
  audioFormat?: AudioFormat;
  /** Told of every turn as it becomes history, or as it is heard, and again when its words are written down. */
  onTurn?(turn: Turn, index: number): void;
}

export interface CallerTurn {
  readonly speaker: 'caller';
  readonly id: string;
  /** Let go when the transcript has taken its place. */
  readonly mulaw?: Uint8Array;
  readonly transcript?: string;
  /** Keys pressed in this turn. */
  readonly digits?: string;
}
export interface AgentTurn {
  readonly speaker: 'agent';
  readonly text: string;
  /** What would have come after it, had the caller not taken the floor. */
  readonly cut?: string;
}
/** One tool call of the model and its result; Llama 3's template knows no parallel calls. */
export interface ToolTurn {
  readonly speaker: 'tool';
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
  readonly result: string;
}
export type Turn = CallerTurn | AgentTurn | ToolTurn;

/** The place of words that the agent is saying. */
export interface HeldTurn {
  /** So much has been heard by now, and this is still to come. */
  heard(text: string, cut?: string): void;
  /** When they are over: what was heard; nothing heard is no turn. Again if more of it was heard late. */
  end(text: string, cut?: string): void;
}

/** What the caller says, and presses, now; without sound or digits there is no such message. */
export interface Pending {
  mulaw?: Uint8Array;
  digits?: string;
  /** Volatile text, such as the time: sent last, where it spoils no cached prefix. */
  note?: string;
}

export class Conversation {
  readonly #keepAudioTurns: number;
  readonly #onTurn: ConversationOptions['onTurn'];
  readonly audioFormat: AudioFormat;
  readonly #system: ChatMessage;
  readonly #entries: Entry[] = [];
  /** The index of the first of them. */
  #first = 0;
  /** A turn is encoded once, whether it is pending, asked for twice, or history. */
  readonly #parts = new WeakMap<Uint8Array, ContentPart>();

  constructor(options: ConversationOptions) {
    this.#keepAudioTurns = options.keepAudioTurns ?? 4;
    if (!Number.isInteger(this.#keepAudioTurns) || this.#keepAudioTurns < 1) {
      throw new RangeError(`expected keepAudioTurns of 1 or more, got ${options.keepAudioTurns}`);
    }
    this.audioFormat = options.audioFormat ?? 'mulaw';
    this.#onTurn = options.onTurn;
    this.#system = { role: 'system', content: withoutSpecialTokens(options.systemPrompt) };
  }

  get turns(): readonly Turn[] {
    return this.#entries.map((entry) => entry.turn).filter((turn) => turn !== UNHEARD);
  }

  /** Which the next turn will have. */
  get nextIndex(): number {
    return this.#first + this.#entries.length;
  }

  /**
   * The history that there is when a call goes on; nobody is told of it. Before any other turn.
   * @param turns with their indices, in order
   */
  takeUp(turns: readonly { index: number; turn: Turn }[], nextIndex: number): void {
    this.#first = turns[0]?.index ?? nextIndex;
    for (const { index, turn } of turns) {
      // Words of which nothing was heard have left a gap.
      while (this.nextIndex < index) this.#entries.push({ turn: UNHEARD, messages: [] });
      this.#entries.push({ turn, messages: this.#messagesOf(turn) });
    }
    while (this.nextIndex < nextIndex) this.#entries.push({ turn: UNHEARD, messages: [] });
  }

  addCallerTurn(turn: { id: string; mulaw: Uint8Array; digits?: string }): void {
    const { mulaw, ...rest } = turn;
    if (mulaw.length === 0 && !turn.digits) return;
    this.#add({ speaker: 'caller', ...rest, ...(mulaw.length > 0 ? { mulaw } : {}) });
    this.#retireAudio();
  }

  /**
   * @param text what the caller heard of the reply; nothing heard is no turn
   * @param cut the rest of it, for the records: the model is told of nothing that was not heard
   */
  addAgentTurn(text: string, cut = ''): void {
    const turn = agentTurn(text, cut);
    if (turn) this.#add(turn);
  }

  /**
   * Keeps the place of words that the agent is saying, before what comes next: the result of a tool
   * that they led to. Until they are over the model is told all of them, for what it says next will
   * come after them.
   */
  holdAgentTurn(words: { readonly text: string }): HeldTurn {
    const at = this.#entries.length;
    const index = this.nextIndex;
    this.#entries.push({
      turn: UNHEARD,
      get messages() {
        return agentMessages(words.text);
      },
    });
    const tell = (turn: AgentTurn | undefined) => turn && this.#onTurn?.(turn, index);
    return {
      heard: (text, cut = '') => void tell(agentTurn(text, cut)),
      end: (text, cut = '') => {
        const turn = agentTurn(text, cut);
        this.#entries[at] = { turn: turn ?? UNHEARD, messages: agentMessages(turn?.text ?? '') };
        tell(turn);
      },
    };
  }

  /** A tool call of the model, with what came of it. */
  addToolTurn(turn: Omit<ToolTurn, 'speaker'>): void {
    this.#add({ speaker: 'tool', ...turn, ...pastCall(turn.name, turn.argumentsJson) });
  }

  /** Kept beside the sound until a step replaces that; '' says that nothing was intelligible. */
  setTranscript(turnId: string, text: string): void {
    const index = this.#entries.findIndex(
      ({ turn }) => turn.speaker === 'caller' && turn.id === turnId,
    );
    const entry = this.#entries[index];
    if (entry?.turn.speaker !== 'caller') return;
    entry.turn = { ...entry.turn, transcript: withoutSpecialTokens(text).trim() };
    this.#onTurn?.(entry.turn, this.#first + index);
  }

  /**
   * The history, and what the caller says now as the last message. Where the caller says nothing new,
   * the note stays with what was said last: after a tool's result no template expects another message.
   */
  request(pending: Pending = {}): ChatMessage[] {
    const messages = [this.#system, ...this.#entries.flatMap((entry) => entry.messages)];
    const note = withoutSpecialTokens(pending.note ?? '');
    const content = this.#content(pending);
    if (content.length > 0) messages.push({ role: 'user', content });
    return note ? withNote(messages, note) : messages;
  }

  /** The oldest of the caller's turns that nobody has written down. */
  nextToTranscribe(): { id: string; mulaw: Uint8Array } | undefined {
    for (const { turn } of this.#entries) {
      if (turn.speaker !== 'caller' || turn.transcript !== undefined || !turn.mulaw) continue;
      return { id: turn.id, mulaw: turn.mulaw };
    }
    return undefined;
  }

  #add(turn: Turn): void {
    this.#entries.push({ turn, messages: this.#messagesOf(turn) });
    this.#onTurn?.(turn, this.nextIndex - 1);
  }

  #messagesOf(turn: Turn): ChatMessage[] {
    if (turn.speaker === 'agent') return agentMessages(turn.text);
    if (turn.speaker === 'tool') return toolMessages(turn);
    const isWritten = turn.transcript !== undefined && !turn.mulaw;
    return [{ role: 'user', content: isWritten ? writtenContent(turn) : this.#content(turn) }];
  }

  #content({ mulaw, digits }: Pending): ContentPart[] {
    const content: ContentPart[] = [];
    if (mulaw && mulaw.length > 0) content.push(this.#part(mulaw));
    if (digits) content.push({ type: 'text', text: keypadText(digits) });
    return content;
  }

  #part(mulaw: Uint8Array): ContentPart {
    let part = this.#parts.get(mulaw);
    if (!part) {
      part = encodeAudio(mulaw, this.audioFormat);
      this.#parts.set(mulaw, part);
    }
    return part;
  }

  /**
   * One step: with more than 2N turns of sound, the oldest N of those that have a transcript become
   * text. Transcripts that never come must not let requests grow for ever: of more than 4N turns
   * the oldest lose their sound without one.
   */
  #retireAudio(): void {
    const withAudio = this.#entries.filter(hasAudio);
    const excess = withAudio.length - 4 * this.#keepAudioTurns;
    if (withAudio.length <= 2 * this.#keepAudioTurns) return;
    const written = withAudio.filter(({ turn }) => turn.transcript !== undefined);
    // A step smaller than N would spoil the cached prefix for little: it waits for transcripts.
    const isStep = written.length >= this.#keepAudioTurns;
    for (const entry of isStep ? written.slice(0, this.#keepAudioTurns) : []) retire(entry);
    for (const entry of excess > 0 ? withAudio.slice(0, this.#keepAudioTurns) : []) retire(entry);
  }
}

interface Entry {
  turn: Turn;
  /** As sent: made once, replaced only by a step. */
  messages: readonly ChatMessage[];
}
type CallerEntry = Entry & { turn: CallerTurn };

const UNINTELLIGIBLE = '(unintelligible)';
/** In the place of words that are not over, or of which nothing was heard: no turn. */
const UNHEARD: AgentTurn = { speaker: 'agent', text: '' };

function agentTurn(text: string, cut: string): AgentTurn | undefined {
  const heard = withoutSpecialTokens(text).trim();
  return heard === '' ? undefined : { speaker: 'agent', text: heard, ...(cut && { cut }) };
}

function agentMessages(text: string): ChatMessage[] {
  const content = withoutSpecialTokens(text).trim();
  return content === '' ? [] : [{ role: 'assistant', content }];
}

function toolMessages({ id, name, argumentsJson, result }: ToolTurn): ChatMessage[] {
  const call = { name, arguments: argumentsJson };
  return [
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id, type: 'function', function: call }],
    },
    { role: 'tool', tool_call_id: id, content: withoutSpecialTokens(result) },
  ];
}

function withNote(messages: ChatMessage[], note: string): ChatMessage[] {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const message = messages[last];
  if (message?.role !== 'user') return [...messages, { role: 'system', content: note }];
  const { content } = message;
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content;
  const noted: ChatMessage = { role: 'user', content: [...parts, { type: 'text', text: note }] };
  return messages.with(last, noted);
}

function hasAudio(entry: Entry): entry is CallerEntry {
  return entry.turn.speaker === 'caller' && entry.turn.mulaw !== undefined;
}

function retire(entry: CallerEntry): void {
  const { mulaw: _, ...turn } = entry.turn;
  entry.turn = turn;
  entry.messages = [{ role: 'user', content: writtenContent(turn) }];
}

function writtenContent({ transcript, digits }: CallerTurn): string {
  const words = transcript || UNINTELLIGIBLE;
  return digits ? `${words} ${keypadText(digits)}` : words;
}

function keypadText(digits: string): string {
  return `(pressed on the keypad: ${withoutSpecialTokens(digits)})`;
}
