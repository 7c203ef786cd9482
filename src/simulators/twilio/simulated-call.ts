/** One telephone call: its caller, its stream, its clock, and what it leaves behind. */
import { EventEmitter } from 'node:events';
import { AudioTrack } from './audio-track.ts';
import { callForm } from './call-form.ts';
import { CallProgress } from './call-progress.ts';
import type { CallReport, TimelineEntry } from './call-report.ts';
import { ScriptedCaller } from './caller.ts';
import { FRAME_MS, type FrameClock } from './frame-clock.ts';
import { LineEcho } from './line-echo.ts';
import type { OutboundLeg, PlaceCall } from './place-call.ts';
import { PublicAddress } from './public-address.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedStream, StreamEnd, StreamKnobs } from './simulated-stream.ts';
import { StatusCallbacks } from './status-callbacks.ts';
import { openStreamLeg } from './stream-leg.ts';
import {
  type Interruption,
  type RunnerCall,
  type RunnerEnd,
  type SocketLoss,
  type StreamRequest,
  TwimlRunner,
} from './twiml-runner.ts';
import type { WebhookAnswer, WebhookClient } from './webhook-client.ts';
import type { WebhookCopies } from './webhook-copies.ts';

/** What a call shares with the others of its simulator. */
export interface CallSurroundings {
  accountSid: string;
  clock: FrameClock;
  webhooks: WebhookClient;
  random: SeededRandom;
  copies: WebhookCopies;
  knobs: StreamKnobs;
  signUpgrade: 'plain' | 'trailingSlash' | 'wrong' | 'none';
  allowInsecureStream: boolean;
  onSocketLost: SocketLoss;
  onEnded(call: SimulatedCall): void;
}

/** Emits each entry of its timeline by its type. */
export class SimulatedCall extends EventEmitter<Record<TimelineEntry['type'], [TimelineEntry]>> {
  readonly callSid: string;
  /** Never rejects. */
  readonly ended: Promise<CallReport>;
  readonly direction: 'inbound' | 'outbound-api';
  readonly #place: PlaceCall & { outbound?: OutboundLeg };
  readonly #around: CallSurroundings;
  readonly #address: PublicAddress;
  readonly #runner: TwimlRunner;
  readonly #caller: ScriptedCaller;
  readonly #echo: LineEcho | undefined;
  readonly #callerTrack = new AudioTrack();
  readonly #agentTrack = new AudioTrack();
  readonly #timeline: TimelineEntry[] = [];
  readonly #violations: string[] = [];
  readonly #callbacks: StatusCallbacks;
  readonly #progress: CallProgress;
  readonly #lineDown: Promise<RunnerEnd>;
  #stream: SimulatedStream | undefined;
  #script: Promise<void> | undefined;
  #scriptError: unknown;
  #answeredMs: number | undefined;

  constructor(place: PlaceCall & { outbound?: OutboundLeg }, around: CallSurroundings) {
    super();
    this.callSid = around.random.sid('CA');
    this.#place = place;
    this.direction = place.outbound ? 'outbound-api' : 'inbound';
    this.#around = around;
    this.#address = new PublicAddress(place.webhookUrl, place.publicUrl);
    this.#echo = place.echo && new LineEcho(place.echo);
    this.#callbacks = new StatusCallbacks({
      post: (url, form, onAttempt) => around.webhooks.post(this.#address, url, form, onAttempt),
      copies: around.copies,
      record: (entry) => this.#record(entry),
      violate: (text) => this.#violations.push(text),
    });
    this.#progress = new CallProgress({
      place,
      tell: (url, event, fields, form) => this.#tell(url, event, fields, form),
    });
    this.#caller = new ScriptedCaller(this.#line());
    this.#runner = new TwimlRunner(this.#runnerCall());
    this.#lineDown = this.#run();
    this.ended = this.#lineDown.then((end) => this.#report(end));
  }

  get status(): string {
    return this.#progress.status;
  }

  /** As a REST request or the network would. */
  interrupt(interruption: Interruption): void {
    if (interruption.type === 'hangUp' && this.#progress.cancelRinging()) return;
    this.#runner.interrupt(interruption);
  }

  /** Moves the call on by one frame: called by the clock. */
  tick(): void {
    const said = this.#caller.nextFrame();
    const frame = this.#echo?.mix(said) ?? said;
    this.#stream?.send(frame);
    const nowMs = performance.now();
    const heard = this.#stream?.play() ?? NOTHING;
    this.#echo?.heard(heard);
    this.#callerTrack.append(frame ?? NOTHING, FRAME_BYTES, SILENCE);
    this.#agentTrack.append(heard, FRAME_BYTES, SILENCE);
    this.#place.onHeard?.(heard);
    this.#caller.frameLeft(nowMs, heard.length);
  }

  async #run(): Promise<RunnerEnd> {
    const maxMs = this.#place.maxMs ?? 120_000;
    const timer = setTimeout(() => {
      this.#violations.push(`the call was cut after ${maxMs} ms`);
      this.#runner.interrupt({ type: 'hangUp', by: 'duration' });
    }, maxMs);
    try {
      const unanswered = await this.#progress.ring();
      if (unanswered) return { outcome: unanswered, endedBy: 'document' };
      const { outbound, webhookUrl } = this.#place;
      return await this.#runner.run(outbound?.url ?? this.#address.publicUrlOf(webhookUrl));
    } catch (error) {
      this.#violations.push(`the simulator failed: ${error}`);
      return { outcome: 'application-error', endedBy: 'error' };
    } finally {
      clearTimeout(timer);
      this.#stream?.stop();
      this.#around.clock.remove(this);
      this.#progress.end();
      this.#record({ atMs: performance.now(), type: 'ended' });
      this.#caller.end();
    }
  }

  async #report(end: RunnerEnd): Promise<CallReport> {
    await this.#settleScript();
    this.#progress.tell('completed', { CallDuration: String(Math.ceil(this.#trackMs / 1000)) });
    await this.#callbacks.settled();
    this.#around.onEnded(this);
    this.removeAllListeners();
    return {
      callSid: this.callSid,
      ...end,
      timeline: this.#timeline.toSorted((a, b) => a.atMs - b.atMs),
      callerTrack: this.#callerTrack.bytes(),
      agentTrack: this.#agentTrack.bytes(),
      violations: this.#violations,
      whispers: this.#timeline.flatMap(({ type, name }) =>
        type === 'whispered' && name ? [name] : [],
      ),
      verbs: this.#timeline.flatMap(({ type, name }) => (type === 'twiml' && name ? [name] : [])),
      callbacks: this.#callbacks.forms,
      ...(this.#scriptError === undefined ? {} : { scriptError: this.#scriptError }),
    };
  }

  /** With the line down every wait of the script fails, but it may wait for things of its own. */
  async #settleScript(): Promise<void> {
    if (!this.#script) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#scriptError ??= new Error(`expected the script to end, waited ${SCRIPT_LIMIT_MS} ms`);
        resolve();
      }, SCRIPT_LIMIT_MS);
    });
    await Promise.race([this.#script, late]);
    clearTimeout(timer);
  }

  #startScript(): void {
    this.#script ??= (async () => this.#place.caller(this.#caller))().then(
      () => this.#runner.interrupt({ type: 'hangUp', by: 'caller' }),
      (error: unknown) => {
        this.#scriptError = error ?? new Error('the script threw nothing');
        this.#runner.interrupt({ type: 'hangUp', by: 'error' });
      },
    );
  }

  #answer(): void {
    if (this.#answeredMs !== undefined) return;
    this.#answeredMs = performance.now();
    this.#progress.status = 'in-progress';
    this.#record({ atMs: this.#answeredMs, type: 'answered' });
    this.#around.clock.add(this);
  }

  #runStream(request: StreamRequest): Promise<StreamEnd> {
    return new Promise((resolve) => {
      this.#stream = openStreamLeg({
        ...this.#around,
        request,
        address: this.#address,
        callSid: this.callSid,
        tell: (url, event, fields) => this.#tell(url, event, fields, 'call'),
        record: (entry) => this.#record(entry),
        violate: (text) => this.#violations.push(text),
        onOpen: () => this.#startScript(),
        onEnd: (how) => {
          this.#stream = undefined;
          resolve(how);
        },
      });
    });
  }

  /** Callbacks of recordings and of detection name the call and nothing else of it. */
  #tell(url: string, event: string, fields: Record<string, string>, form: 'call' | 'bare'): void {
    const ids = { AccountSid: this.#around.accountSid, CallSid: this.callSid };
    this.#callbacks.tell(url, event, fields, form === 'bare' ? ids : this.#standardForm());
  }

  /** For a document. News that it brings may come more than once. */
  readonly #post: RunnerCall['post'] = (url, fields, onAttempt) => {
    const form = { ...this.#standardForm(), ...fields };
    if ('DialCallStatus' in fields) this.#callbacks.repeat(url, 'dialled', form);
    if ('RecordingSid' in fields) this.#callbacks.repeat(url, 'recorded', form);
    return this.#around.webhooks.post(this.#address, url, form, onAttempt);
  };

  #postChild(url: string, child: { sid: string; to: string }): Promise<WebhookAnswer> {
    const { sid: callSid, to } = child;
    const own = { callSid, to, status: 'in-progress', direction: 'outbound-dial' } as const;
    const form = { ...this.#standardForm(own), ParentCallSid: this.callSid };
    return this.#around.webhooks.post(this.#address, url, form);
  }

  get #from(): string {
    return this.#place.from ?? '+14155550100';
  }

  /** @param own where it is the form of another leg */
  #standardForm(own: Partial<Parameters<typeof callForm>[0]> = {}): Record<string, string> {
    return callForm({
      callSid: this.callSid,
      accountSid: this.#around.accountSid,
      status: this.#progress.status,
      direction: this.direction,
      from: this.#from,
      to: this.#place.to ?? '+14155550199',
      ...own,
    });
  }

  #line() {
    const isConnected = () => this.#stream?.isOpen ?? false;
    return {
      get connected() {
        return isConnected();
      },
      press: (digit: string) => this.#stream?.press(digit),
      hangUp: async () => {
        this.#runner.interrupt({ type: 'hangUp', by: 'caller' });
        await this.#lineDown;
      },
      drop: () => this.#stream?.drop(),
      lose: (ms: number) => this.#stream?.lose(ms),
      inject: (message: string | Uint8Array) => this.#stream?.inject(message),
      record: (entry: Omit<TimelineEntry, 'trackMs'>) => this.#record(entry),
    };
  }

  #runnerCall() {
    return {
      ...this.#around,
      dial: this.#place.dial ?? ('completed' as const),
      messageS: this.#place.messageS ?? 4,
      hangUpDuring: this.#place.hangUpDuring,
      fallbackUrl: this.#place.fallbackUrl,
      post: this.#post,
      postChild: (url: string, child: { sid: string; to: string }) => this.#postChild(url, child),
      tellRecorded: (url: string, fields: Record<string, string>) =>
        this.#tell(url, 'stored', fields, 'bare'),
      answer: () => this.#answer(),
      runStream: (request: StreamRequest) => this.#runStream(request),
      stopStream: () => this.#stream?.stop(),
      newSid: (prefix: string) => this.#around.random.sid(prefix),
      record: (entry: Omit<TimelineEntry, 'trackMs'>) => this.#record(entry),
      violate: (text: string) => void this.#violations.push(text),
    };
  }

  get #trackMs(): number {
    return (this.#callerTrack.length / FRAME_BYTES) * FRAME_MS;
  }

  #record(entry: Omit<TimelineEntry, 'trackMs'>): void {
    const full = { ...entry, trackMs: this.#trackMs };
    this.#timeline.push(full);
    this.emit(entry.type, full);
  }
}

const FRAME_BYTES = 160;
const SILENCE = 0xff;
const NOTHING = new Uint8Array(0);
const SCRIPT_LIMIT_MS = 2000;
