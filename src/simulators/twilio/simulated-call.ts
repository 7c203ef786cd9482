/** One telephone call: its caller, its stream, its clock, and what it leaves behind. */
import { EventEmitter } from 'node:events';
import { AudioTrack } from './audio-track.ts';
import { callForm } from './call-form.ts';
import type { CallReport, TimelineEntry } from './call-report.ts';
import { ScriptedCaller } from './caller.ts';
import { FRAME_MS, type FrameClock } from './frame-clock.ts';
import type { PlaceCall } from './place-call.ts';
import { PublicAddress } from './public-address.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedStream, type StreamEnd, type StreamKnobs } from './simulated-stream.ts';
import { StatusCallbacks } from './status-callbacks.ts';
import {
  type Interruption,
  type RunnerEnd,
  type StreamRequest,
  TwimlRunner,
} from './twiml-runner.ts';
import type { WebhookAnswer, WebhookClient } from './webhook-client.ts';

/** What a call shares with the others of its simulator. */
export interface CallSurroundings {
  accountSid: string;
  clock: FrameClock;
  webhooks: WebhookClient;
  random: SeededRandom;
  knobs: StreamKnobs;
  signUpgrade: 'plain' | 'trailingSlash' | 'wrong' | 'none';
  allowInsecureStream: boolean;
  onEnded(call: SimulatedCall): void;
}

/** Emits each entry of its timeline by its type. */
export class SimulatedCall extends EventEmitter<Record<TimelineEntry['type'], [TimelineEntry]>> {
  readonly callSid: string;
  /** Never rejects. */
  readonly ended: Promise<CallReport>;
  readonly #place: PlaceCall;
  readonly #around: CallSurroundings;
  readonly #address: PublicAddress;
  readonly #runner: TwimlRunner;
  readonly #caller: ScriptedCaller;
  readonly #callerTrack = new AudioTrack();
  readonly #agentTrack = new AudioTrack();
  readonly #timeline: TimelineEntry[] = [];
  readonly #violations: string[] = [];
  readonly #callbacks: StatusCallbacks;
  readonly #lineDown: Promise<RunnerEnd>;
  #stream: SimulatedStream | undefined;
  #script: Promise<void> | undefined;
  #scriptError: unknown;
  #answeredMs: number | undefined;
  #status = 'ringing';

  constructor(place: PlaceCall, around: CallSurroundings) {
    super();
    this.callSid = around.random.sid('CA');
    this.#place = place;
    this.#around = around;
    this.#address = new PublicAddress(place.webhookUrl, place.publicUrl);
    this.#callbacks = new StatusCallbacks({
      post: (url, fields) => this.#post(url, fields),
      record: (entry) => this.#record(entry),
      violate: (text) => this.#violations.push(text),
    });
    this.#caller = new ScriptedCaller(this.#line());
    this.#runner = new TwimlRunner(this.#runnerCall());
    this.#lineDown = this.#run();
    this.ended = this.#lineDown.then((end) => this.#report(end));
  }

  get status(): string {
    return this.#status;
  }

  /** As a REST request or the network would. */
  interrupt(interruption: Interruption): void {
    this.#runner.interrupt(interruption);
  }

  /** Moves the call on by one frame: called by the clock. */
  tick(): void {
    const frame = this.#caller.nextFrame();
    this.#stream?.send(frame);
    const nowMs = performance.now();
    const heard = this.#stream?.play() ?? NOTHING;
    this.#callerTrack.append(frame ?? NOTHING, FRAME_BYTES, SILENCE);
    this.#agentTrack.append(heard, FRAME_BYTES, SILENCE);
    this.#caller.frameLeft(nowMs, heard.length);
  }

  async #run(): Promise<RunnerEnd> {
    const maxMs = this.#place.maxMs ?? 120_000;
    const timer = setTimeout(() => {
      this.#violations.push(`the call was cut after ${maxMs} ms`);
      this.#runner.interrupt({ type: 'hangUp', by: 'duration' });
    }, maxMs);
    try {
      return await this.#runner.run(this.#address.publicUrlOf(this.#place.webhookUrl));
    } catch (error) {
      this.#violations.push(`the simulator failed: ${error}`);
      return { outcome: 'application-error', endedBy: 'error' };
    } finally {
      clearTimeout(timer);
      this.#stream?.stop();
      this.#around.clock.remove(this);
      this.#status = 'completed';
      this.#record({ atMs: performance.now(), type: 'ended' });
      this.#caller.end();
    }
  }

  async #report(end: RunnerEnd): Promise<CallReport> {
    await this.#settleScript();
    if (this.#place.statusCallbackUrl) {
      const seconds = Math.ceil(this.#trackMs / 1000);
      this.#callbacks.tell(this.#place.statusCallbackUrl, 'completed', {
        CallDuration: String(seconds),
      });
    }
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
    this.#status = 'in-progress';
    this.#record({ atMs: this.#answeredMs, type: 'answered' });
    this.#around.clock.add(this);
  }

  #runStream(request: StreamRequest): Promise<StreamEnd> {
    const url = this.#address.realUrlOf(request.url);
    if (!url) {
      this.#violations.push('31921 the stream is not below the public URL');
      return Promise.resolve('failed');
    }
    const streamSid = this.#around.random.sid('MZ');
    const tell = (event: string, extra: Record<string, string> = {}) => {
      if (!request.statusCallback) return;
      const StreamName = request.name ?? streamSid;
      const fields = { StreamSid: streamSid, StreamName, StreamEvent: event, ...extra };
      this.#callbacks.tell(request.statusCallback, event, fields);
    };
    const onOpen = () => {
      this.#record({ atMs: performance.now(), type: 'started', name: streamSid });
      tell('stream-started');
      this.#startScript();
    };
    return new Promise((resolve) => {
      const onEnd = (how: StreamEnd) => {
        this.#stream = undefined;
        this.#record({ atMs: performance.now(), type: 'stopped', name: how });
        if (how === 'failed') tell('stream-error', { StreamError: '31920' });
        else tell('stream-stopped');
        resolve(how);
      };
      this.#stream = new SimulatedStream({
        ...this.#around.knobs,
        url,
        headers: { host: new URL(request.url).host, ...this.#upgradeSignature(request.url) },
        streamSid,
        callSid: this.callSid,
        accountSid: this.#around.accountSid,
        customParameters: request.customParameters,
        random: this.#around.random,
        onOpen,
        onEvent: (entry) => this.#record(entry),
        onViolation: (text) => this.#violations.push(text),
        onEnd,
      });
    });
  }

  #upgradeSignature(publicUrl: string): Record<string, string> {
    const { signUpgrade, webhooks } = this.#around;
    if (signUpgrade === 'none') return {};
    const url = signUpgrade === 'trailingSlash' ? `${publicUrl.replace(/\/$/, '')}/` : publicUrl;
    const signature = webhooks.sign(signUpgrade === 'wrong' ? `${url}x` : url, {});
    return { 'x-twilio-signature': signature };
  }

  #post(url: string, fields: Record<string, string>): Promise<WebhookAnswer> {
    return this.#around.webhooks.post(this.#address, url, { ...this.#standardForm(), ...fields });
  }

  #standardForm(): Record<string, string> {
    return callForm({
      callSid: this.callSid,
      accountSid: this.#around.accountSid,
      status: this.#status,
      from: this.#place.from ?? '+14155550100',
      to: this.#place.to ?? '+14155550199',
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
      inject: (message: string | Uint8Array) => this.#stream?.inject(message),
      record: (entry: Omit<TimelineEntry, 'trackMs'>) => this.#record(entry),
    };
  }

  #runnerCall() {
    return {
      dial: this.#place.dial ?? ('completed' as const),
      fallbackUrl: this.#place.fallbackUrl,
      allowInsecureStream: this.#around.allowInsecureStream,
      post: (url: string, fields: Record<string, string>) => this.#post(url, fields),
      answer: () => this.#answer(),
      runStream: (request: StreamRequest) => this.#runStream(request),
      stopStream: () => this.#stream?.stop(),
      newSid: (prefix: string) => this.#around.random.sid(prefix),
      record: (entry: Omit<TimelineEntry, 'trackMs'>) => this.#record(entry),
      violate: (text: string) => {
        this.#violations.push(text);
      },
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
