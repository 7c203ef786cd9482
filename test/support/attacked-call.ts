/**
 * A whole call in virtual time, with the real machine, agent, queue, playback and desk, whose model
 * puts out what it is given here, and whose caller does what may come to a caller's mind.
 */
import assert from 'node:assert/strict';
import { type Actor, createActor, fromCallback } from 'xstate';
import { callMachine } from '../../machines/call.ts';
import {
  type AgentCommand,
  type CallEvent,
  CLIP_NAMES,
  type ClipName,
  type EarsCommand,
} from '../../machines/call-protocol.ts';
import { statePath } from '../../machines/state-path.ts';
import { Agent } from '../../src/call/agent.ts';
import { TurnClock } from '../../src/call/turn-clock.ts';
import { toolDescriptions } from '../../src/restaurant/toolbox.ts';
import type { Clip } from '../../src/tts/clips.ts';
import { Conversation } from '../../src/ultravox/conversation.ts';
import type { EngineRequest } from '../../src/ultravox/engine-client.ts';
import { EngineQueue } from '../../src/ultravox/engine-queue.ts';
import { wrongInRequest } from './judge-request.ts';
import { type ModelAttack, streamed } from './model-attack.ts';
import { openDeskWith, PROFILE } from './open-desk.ts';
import { RecordingVoice } from './recording-voice.ts';
import { ScriptedCaller } from './scripted-caller.ts';
import { clipOf } from './spoken-words.ts';
import { TEST_LIMITS } from './steered-call.ts';
import { unspeakable } from './unspeakable.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { VirtualEar } from './virtual-ear.ts';
import { type BookMood, WatchedBook } from './watched-book.ts';
import { WatchedTools } from './watched-tools.ts';

export interface CallScript {
  /** One for each reply; after the last, the first again. */
  attacks: readonly ModelAttack[];
  /** What the caller does, by a die, and how long it is until the next. */
  moves: readonly { die: number; waitMs: number }[];
  /** One for each use of the book, over and over. */
  moods: readonly BookMood[];
  /** How long tools take beside the book, over and over. */
  toolMs: readonly number[];
}

const CLIPS = Object.fromEntries(
  CLIP_NAMES.map((name) => [name, clipOf(`${name} clip.`)]),
) as Record<ClipName, Clip>;
const LIMITS = { ...TEST_LIMITS, callMs: 240_000, inactivityMs: 90_000, turns: 20 };
/** No call may be longer, whatever happens in it. */
const LONGEST_MS = LIMITS.callMs + LIMITS.announcementMs + 10_000;

export class AttackedCall {
  /** What must not happen, and did. */
  readonly violations: string[] = [];
  readonly voice = new RecordingVoice();
  readonly told: string[] = [];
  outputs = 0;
  /** Turns that the caller has finished. */
  turn = 0;
  readonly book: WatchedBook;
  readonly tools: WatchedTools;
  readonly #script: CallScript;
  readonly #clock: VirtualClock;
  readonly #caller = new ScriptedCaller();
  readonly #ear = new VirtualEar();
  readonly #scope = new AbortController();
  readonly #queue = new EngineQueue({ stream: (request, signal) => this.#stream(request, signal) });
  readonly #conversation = new Conversation({ systemPrompt: 'You answer the telephone.' });
  readonly #agent: Agent;
  readonly #actor: Actor<typeof callMachine>;
  #state = '';
  #sending: CallEvent['type'] | undefined;
  /** How often the agent was told to give up what it does. */
  #yields = 0;
  #judged = 0;
  #isClosed = false;

  constructor(script: CallScript, clock: VirtualClock) {
    this.#script = script;
    this.#clock = clock;
    const mood = cycle<BookMood>(script.moods, { delayMs: 0, outcome: 'answers' });
    this.book = new WatchedBook({ turn: () => this.turn, mood });
    this.tools = new WatchedTools({
      desk: openDeskWith(this.book).desk,
      descriptions: toolDescriptions(PROFILE),
      delayMs: cycle(script.toolMs, 0),
      turn: () => this.#callerTurns,
      floor: () => ({
        state: this.#state,
        yields: this.#yields,
        hasTurn: this.#caller.audio().length > 0,
      }),
      violations: this.violations,
    });
    let sendBack: (event: CallEvent) => void = () => {};
    this.#agent = this.#newAgent((event) => sendBack(event));
    const machine = callMachine.provide({
      actors: {
        line: fromCallback(() => {}),
        ears: fromCallback<EarsCommand>(() => {}),
        agent: fromCallback<AgentCommand>(({ receive, sendBack: tell }) => {
          sendBack = tell;
          receive((command) => this.#perform(command));
        }),
      },
    });
    this.#actor = createActor(machine, { input: { limits: LIMITS, personReachable: true } });
    this.#actor.subscribe({
      next: ({ value, status }) => {
        this.#moved(statePath(value));
        if (status !== 'active') this.#release();
      },
      error: (error) => this.violations.push(`the machine failed: ${error}`),
    });
  }

  /** From the first ring until nothing is left of it. */
  async run(): Promise<void> {
    this.#actor.start();
    this.#send({ type: 'line.started' });
    for (const { die, waitMs } of this.#script.moves) {
      if (this.#isOver) break;
      const event = this.#caller.move(this.#state, die);
      if (event) this.#send(event);
      await this.#pass(waitMs);
    }
    // The caller says nothing any more.
    for (let ms = 0; !this.#isOver; ms += SILENCE_MS) {
      assert.ok(ms < LONGEST_MS, `expected the call to end, it is in ${this.#state}`);
      await this.#pass(SILENCE_MS);
    }
    await this.#judgeEnd();
  }

  get #isOver(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  get #callerTurns(): number {
    return this.#conversation.turns.filter(({ speaker }) => speaker === 'caller').length;
  }

  #newAgent(sendBack: (event: CallEvent) => void): Agent {
    return new Agent({
      playback: this.#ear.playback,
      queue: this.#queue,
      voice: this.voice,
      clips: () => CLIPS,
      tools: this.tools,
      note: () => 'It is noon.',
      conversation: this.#conversation,
      clock: new TurnClock(() => {}),
      language: 'en',
      temperature: 0.3,
      maxTokens: 100,
      queueDeadlineMs: 6000,
      turn: {
        audio: () => this.#caller.audio(),
        digits: () => '',
        forget: () => this.#caller.forget(),
      },
      tell: (event) => {
        if (this.#isOver) this.violations.push(`${event.type} after the end`);
        this.told.push(event.type);
        const isSounding = this.#ear.playback.oldestMarkAgeMs > 0;
        this.tools.judgeEffect(event, { yields: this.#yields, isSounding });
        sendBack(event);
      },
      onFailure: () => {},
      speculates: true,
      trace: { replyEnded: () => {}, toolEnded: () => {}, speculationEnded: () => {} },
      signal: this.#scope.signal,
    });
  }

  #stream(request: EngineRequest, signal: AbortSignal) {
    const attack = this.#script.attacks[this.outputs % this.#script.attacks.length];
    this.outputs += 1;
    const wrong = wrongInRequest(request);
    if (wrong) this.violations.push(`the engine was given ${wrong}`);
    if (this.tools.working > 0) this.violations.push('the engine was asked while a tool worked');
    if (this.#isOver) this.violations.push('the engine was asked after the end');
    const isNewTurn = request.messages.at(-1)?.role === 'user';
    if (isNewTurn && request.tools?.length === 0) this.violations.push('no tools in a new turn');
    return streamed(attack!, signal);
  }

  #perform(command: AgentCommand): void {
    if (command.type === 'yield') this.#yields += 1;
    this.#agent.perform(command);
  }

  #send(event: CallEvent): void {
    this.#sending = event.type;
    this.#actor.send(event);
    this.#sending = undefined;
  }

  #moved(state: string): void {
    const before = this.#state;
    this.#state = state;
    const wasHearing = before.startsWith('conversation.listening.hearing');
    if (!wasHearing || !state.startsWith('conversation.thinking')) return;
    this.tools.inTurn = 0;
    if (this.#sending !== 'caller.ignored') this.turn += 1;
  }

  async #pass(ms: number): Promise<void> {
    await this.#clock.advance(ms);
    for (const pieces of this.voice.replies.slice(this.#judged)) {
      const what = unspeakable(pieces);
      if (what) this.violations.push(`the voice was given ${what}`);
    }
    // The last may still be written.
    this.#judged = Math.max(0, this.voice.replies.length - 1);
    assert.deepEqual([...this.violations, ...this.book.violations], []);
  }

  /** As `Call` does it. */
  #release(): void {
    this.#scope.abort();
    void this.#agent.close().then(() => {
      this.#isClosed = true;
    });
    this.#ear.playback.close();
  }

  /** What a tool has begun may go on for as long as a tool may take; nothing else may. */
  async #judgeEnd(): Promise<void> {
    const isBusy = this.tools.working > 0 || this.book.waiting > 0;
    await this.#pass(isBusy ? TOOL_MS : ECHO_MS);
    assert.ok(this.#isClosed, 'expected no tool to work any more');
    assert.equal(this.tools.working, 0);
    assert.equal(this.#clock.pending, 0, 'expected no timer to be left');
    const { depth, inSlot, streaming } = this.#queue;
    assert.deepEqual([depth, inSlot, streaming, this.voice.active], [0, 0, 0, 0]);
    const toolTurns = this.#conversation.turns.filter(({ speaker }) => speaker === 'tool');
    assert.equal(toolTurns.length, this.tools.runs, 'expected the result of every tool in history');
    this.book.judgeBookings();
    assert.deepEqual(this.book.violations, []);
  }
}

const SILENCE_MS = 4_000;
/** Marks of sound that was sent come back for as long. */
const ECHO_MS = 1_000;
/** The longest that a tool takes here, and what it has given up at the book. */
const TOOL_MS = 12_000;

function cycle<T>(values: readonly T[], otherwise: T): () => T {
  let at = 0;
  return () => values[at++ % values.length] ?? otherwise;
}
