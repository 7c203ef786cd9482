/**
 * One telephone call at Twilio: rings at our webhook, speaks over a media stream, goes on with what the
 * documents say, and ends with a status. Twilio's part, the network's and the caller's.
 */
import { createHash } from 'node:crypto';
import type { CallRecord } from '../../src/call/call-record.ts';
import type { Call } from '../../src/call.ts';
import type { TurnRow } from '../../src/journal/schema.ts';
import { connectionOverrides } from '../../src/simulators/twilio/connection-overrides.ts';
import { TOLD_AGAIN } from '../../src/twilio/told-again.ts';
import { Caller } from './caller.ts';
import { Random } from './random.ts';
import type { Answer, Form, SimulatedServer } from './stand-ins/server.ts';
import { StreamLeg } from './stream-leg.ts';
import type { World } from './world.ts';

export class Phone {
  readonly index: number;
  readonly callSid: string;
  readonly number: string;
  readonly random: Random;
  readonly caller: Caller;
  readonly #world: World;
  /** The newest. */
  leg: StreamLeg | undefined;
  /** One for each life of the call that began, or was about to. */
  readonly legs: StreamLeg[] = [];
  call: Call | undefined;
  state = '';
  /** Of the newest life. */
  record: CallRecord | undefined;
  recordsTold = 0;
  /** By their place in the history. */
  readonly turns = new Map<number, TurnRow>();
  /** Turns that were told in earlier lives. */
  readonly turnsBefore = new Set<number>();
  /** A life of it began with nothing known of those before. */
  wasUnknown = false;
  /** The agent has been told to be silent. */
  isHushed = true;
  /** Answers up to this one have been given up. */
  deadReply = -1;
  /** When an answer was last given up, with all that is done for it. */
  gaveUpMs = -1;
  answers = 0;
  /** States that were entered since the stream has started. */
  states = 0;
  hasFailedTool = false;
  /** How often the model asked for a table, by name and number of people. */
  readonly tablesAsked = new Map<string, number>();
  /** Our first document was an answer to this call. */
  wasAnswered = false;
  /** The process that had it has died: what it had not written down is lost. */
  wasOrphaned = false;
  /** All of it is over, the last webhook included. */
  isOver = false;
  /** How it ended was told in vain, as often as Twilio does. */
  isUntold = false;
  /** We have said that the message which was left after the tone is written down. */
  isMessageTaken = false;
  /** Messages of which the model was told that they are taken. */
  messagesTold = 0;
  #hasHungUp = false;
  /** Silence in which the caller waits, from this moment. */
  #waitsSinceMs: number | undefined;

  constructor(world: World, index: number, { turns }: { turns: number }) {
    this.#world = world;
    this.index = index;
    this.random = new Random(world.seed, 1000 + index);
    this.callSid = `CA${createHash('md5').update(`${world.seed} ${index}`).digest('hex')}`;
    this.number = `+4930123${4000 + index}`;
    this.caller = new Caller(this.random, world.isCalm ? CALM : world.options.caller, turns);
  }

  get sound(): number {
    return FIRST_SOUND + this.index;
  }

  get hasHungUp(): boolean {
    return this.#hasHungUp;
  }

  /** It rings. */
  async dial(): Promise<void> {
    const document = await this.#post('/', { CallStatus: 'ringing' });
    if (document === undefined) return this.#end('failed');
    this.wasAnswered = true;
    this.#follow(document);
  }

  hangUp(): void {
    this.#hasHungUp = true;
    this.#world.log(`${this.index} hangs up`);
    this.leg?.stop();
  }

  /** The stream is over, whoever ended it. */
  streamEnded(): void {
    this.#stopWaiting();
    if (this.#hasHungUp) this.#end('completed');
    else this.#world.time.after(this.#world.options.latencyMs, () => void this.#continue());
  }

  movedTo(state: string): void {
    const wasThinking = this.state.startsWith(THINKING);
    this.state = state;
    if (state !== 'connecting') this.states += 1;
    const isThinking = state.startsWith(THINKING);
    if (isThinking && !wasThinking) this.#startWaiting();
    if (!isThinking && wasThinking && !state.includes('speaking')) this.#stopWaiting();
  }

  /** Another life of the call begins: it tells anew what was written down. */
  livesOn(): void {
    for (const turn of this.turns.keys()) this.turnsBefore.add(turn);
    this.turns.clear();
  }

  asksForTable({ name, party }: Record<string, unknown>): void {
    const wish = `${name} ${party}`;
    this.tablesAsked.set(wish, (this.tablesAsked.get(wish) ?? 0) + 1);
  }

  /** The agent takes what it said for heard. */
  saidAll(): void {
    const { options, time } = this.#world;
    const { leg } = this;
    const isTold = options.markMood === 'honest' || options.markMood === 'late';
    if (!isTold || !leg || leg.isBroken || this.#hasHungUp || leg.ear.isSilent) return;
    const restMs = Math.round(leg.ear.runsOutMs - time.nowMs);
    this.#world.violated('heardOut', `call ${this.index} has ${restMs} ms still to be heard`);
  }

  /** Sound comes to the caller's ear. */
  hears(): void {
    const sinceMs = this.#waitsSinceMs;
    this.#waitsSinceMs = undefined;
    if (sinceMs === undefined || !this.leg) return;
    const soundEndMs = this.leg.ear.runsOutMs;
    const waitedMs = this.#world.time.nowMs - Math.max(sinceMs, soundEndMs);
    this.#world.judgeDeadAir(this, waitedMs);
    // A filler: the answer is still to come.
    if (this.state.startsWith(THINKING)) this.#waitsSinceMs = this.#world.time.nowMs;
  }

  #startWaiting(): void {
    if (!this.leg) return;
    this.#waitsSinceMs = Math.max(this.leg.waitsFromMs, this.leg.ear.runsOutMs);
  }

  #stopWaiting(): void {
    const sinceMs = this.#waitsSinceMs;
    this.#waitsSinceMs = undefined;
    if (sinceMs === undefined || !this.leg || this.leg.isBroken || this.#hasHungUp) return;
    const soundEndMs = Math.max(sinceMs, this.leg.ear.runsOutMs);
    this.#world.judgeDeadAir(this, this.#world.time.nowMs - soundEndMs);
  }

  async #continue(): Promise<void> {
    const document = await this.#post('/continue', { CallStatus: 'in-progress' });
    if (document === undefined) return this.#end('completed');
    this.#follow(document);
  }

  /** The first verb of a document that matters. */
  #follow(document: string): void {
    const { time } = this.#world;
    if (document.includes('<Stream')) {
      const parameters = parametersOf(document);
      time.after(this.#world.options.latencyMs, () => this.#connect(parameters));
    } else if (document.includes('<Dial')) void this.#dialPerson();
    else if (document.includes('<Record')) void this.#recordMessage(document);
    else this.#end('completed');
  }

  #connect(parameters: Record<string, string>): void {
    const server = this.#world.server;
    if (!server || server.options.calls.full) return void this.#continue();
    this.leg = new StreamLeg(this.#world, this, parameters);
    this.legs.push(this.leg);
    this.record = undefined;
    this.leg.open(server);
  }

  async #dialPerson(): Promise<void> {
    const { time } = this.#world;
    await new Promise<void>((resolve) => time.after(3000, resolve));
    await this.#post('/brief', { CallSid: `CA${'f'.repeat(32)}`, ParentCallSid: this.callSid });
    const DialCallStatus = this.random.pick(['completed', 'no-answer', 'busy']);
    const document = await this.#post('/dialled', { DialCallStatus, DialBridged: 'true' });
    if (document === undefined) this.#end('completed');
    else this.#follow(document);
  }

  async #recordMessage(asked: string): Promise<void> {
    const form = {
      RecordingUrl: `https://api.twilio.com/RE${this.callSid.slice(2)}`,
      RecordingDuration: '7',
      RecordingStatus: 'completed',
    };
    const document = await this.#post('/recorded', form);
    const [, url = ''] = /recordingStatusCallback="([^"]*)"/.exec(asked) ?? [];
    void this.#tell(unescaped(url), form).then((isTaken) => {
      this.isMessageTaken = isTaken;
    });
    if (document === undefined) this.#end('completed');
    else this.#follow(document);
  }

  /** The last webhook comes late or twice where the seed wants it so. */
  #end(CallStatus: string): void {
    const { time, rates } = this.#world;
    const lateMs = this.#world.fault('webhookLate', rates.webhookLate)
      ? this.random.integer(1000, 20_000)
      : 20;
    time.after(lateMs, async () => {
      this.isUntold = !(await this.#tell(STATUS_URL, { CallStatus, CallDuration: '9' }));
      this.isOver = true;
    });
  }

  /** What is told once is told again until it is taken, as often as its URL asks for. */
  async #tell(url: string, form: Form): Promise<boolean> {
    const { time } = this.#world;
    const { retries, answerMs, totalMs, isTriedAgain } = connectionOverrides(url);
    const [path = ''] = /\/[^/#]*(?=#|$)/.exec(url) ?? [];
    const endsMs = time.nowMs + totalMs;
    // Twilio does not say how long it waits in between.
    const pauseMs = this.random.pick([0, 1000, 2500]);
    for (let tried = 0; tried <= retries; tried++) {
      const answer = await this.#send(path, form, Math.min(answerMs, endsMs - time.nowMs));
      if (answer && answer.status < 300) return true;
      if (!isTriedAgain(answer?.status ?? 'noAnswer') || time.nowMs + pauseMs >= endsMs) break;
      await new Promise<void>((resolve) => time.after(pauseMs, resolve));
    }
    return false;
  }

  /** @returns undefined where nobody answers */
  async #post(path: string, fields: Form): Promise<string | undefined> {
    return (await this.#send(path, fields))?.text;
  }

  async #send(path: string, fields: Form, mostMs = DOCUMENT_MS): Promise<Answer | undefined> {
    const world = this.#world;
    const form: Form = {
      CallSid: this.callSid,
      AccountSid: world.accountSid,
      From: this.number,
      To: '+493055555',
      Direction: 'inbound',
      ...fields,
    };
    world.log(`${this.index} posts ${path}`);
    const twice = world.fault('webhookTwice', world.rates.webhookTwice);
    const answer = this.#ask(world.server, path, form, mostMs);
    if (twice) void this.#ask(world.server, path, form, mostMs);
    return answer;
  }

  async #ask(
    server: SimulatedServer | undefined,
    path: string,
    form: Form,
    mostMs: number,
  ): Promise<Answer | undefined> {
    const { time } = this.#world;
    await new Promise<void>((resolve) => time.after(this.#world.options.latencyMs, resolve));
    if (!server || server !== this.#world.server) return undefined;
    const late = Promise.withResolvers<undefined>();
    const timer = time.after(mostMs, () => late.resolve(undefined));
    const answer = await Promise.race([server.post(path, form), late.promise]);
    time.cancel(timer);
    return answer;
  }
}

/** A mu-law byte for each caller; silence is 0xff. */
const FIRST_SOUND = 0x10;
const CALM = { interrupt: 0, murmur: 0, hangUp: 0, silent: 0, digits: 0 };
/** As the number is set up. */
const STATUS_URL = `/status${TOLD_AGAIN}`;
/** Twilio waits so long for a document. */
const DOCUMENT_MS = 15_000;
const THINKING = 'conversation.thinking';

function parametersOf(document: string): Record<string, string> {
  const found = document.matchAll(/<Parameter name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name!, unescaped(value!)]));
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
