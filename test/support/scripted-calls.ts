/**
 * Many call machines that live as calls do, without any sound: greeting, then turns of some seconds,
 * each with a pause, now and then with an interruption. What a viewer sees of them is what a viewer
 * sees of calls: every event, every state, every word.
 */
import type { Feed } from '../../src/visualiser/feed.ts';
import { SteeredCall } from './steered-call.ts';

const TURN_MS = 5000;
const STAGES = { endpoint: 548, queue: 2, firstToken: 160, voice: 92, wire: 3, response: 552 };
const QUESTIONS = [
  'Do you have a table for four on Friday evening?',
  'At half past seven, please, and one of us is in a wheelchair.',
  '<img src=x onerror="document.title=1">',
];

export class ScriptedCalls {
  readonly #feed: Feed;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #calls: SteeredCall[] = [];
  /** Events that the machines were sent. */
  events = 0;

  /** @param count begin spread over one turn's time, so that they do not move in step */
  constructor(feed: Feed, count: number) {
    this.#feed = feed;
    for (let i = 0; i < count; i++)
      this.#later(`${i}`, (i * TURN_MS) / count, () => this.#begin(i));
  }

  get live(): number {
    return this.#calls.length;
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const { actor } of this.#calls) actor.stop();
  }

  #begin(index: number): void {
    const session = `call-${index}`;
    const call = new SteeredCall({
      limits: { turns: Number.POSITIVE_INFINITY },
      inspect: (event) => this.#feed.inspected(session, event),
    });
    this.#calls.push(call);
    const callSid = `CA${index.toString(16).padStart(32, '0')}`;
    const callerLast4 = String(1000 + index).slice(-4);
    this.#feed.started(session, { callSid, startedAt: Date.now(), language: 'en', callerLast4 });
    this.#send(call, 'line.started');
    this.#later(session, 1500, () => {
      this.#send(call, 'agent.finished');
      this.#turn(call, session, index, 0);
    });
  }

  #turn(call: SteeredCall, session: string, index: number, turn: number): void {
    const say = (speaker: 'caller' | 'agent', text: string | null, offset: number) =>
      this.#feed.words(session, { turn: 2 * turn + offset, at: Date.now(), speaker, text });
    const question = QUESTIONS[(index + turn) % QUESTIONS.length] ?? '';
    const isInterrupted = (index + turn) % 5 === 0;
    const steps: [ms: number, run: () => void][] = [
      [900, () => this.#send(call, 'caller.spoke')],
      [700, () => this.#send(call, 'caller.paused')],
      [300, () => this.#send(call, 'caller.resumed')],
      [500, () => this.#send(call, 'caller.paused')],
      [320, () => this.#send(call, 'caller.finished')],
      [
        10,
        () => {
          say('caller', null, 0);
          this.#send(call, 'agent.audible');
          this.#feed.answered(session, { at: Date.now(), stages: STAGES });
        },
      ],
      [800, () => isInterrupted && this.#send(call, 'caller.spoke', 'caller.ignored')],
      [400, () => say('caller', question, 0)],
      [
        1000,
        () => {
          this.#send(call, 'agent.finished');
          say('agent', 'With pleasure. May I have your name?', 1);
        },
      ],
    ];
    const next = (at: number): void => {
      const step = steps[at];
      if (!step) {
        this.#turn(call, session, index, turn + 1);
        return;
      }
      this.#later(session, step[0], () => {
        step[1]();
        next(at + 1);
      });
    };
    next(0);
  }

  #send(call: SteeredCall, ...types: Parameters<SteeredCall['send']>): void {
    this.events += types.length;
    call.send(...types);
    call.takeTold();
  }

  #later(key: string, ms: number, run: () => void): void {
    this.#timers.set(key, setTimeout(run, ms));
  }
}
