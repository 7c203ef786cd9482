/** Runs a call's TwiML: asks for documents, does their verbs, until one says that it is over. */
import type { CallReport } from './call-report.ts';
import { type DialingCall, runDial } from './dial-verb.ts';
import type { StreamEnd } from './simulated-stream.ts';
import { parseTwiml, type TwimlDocument, TwimlDocumentError, type Verb } from './twiml-document.ts';
import { type WebhookAnswer, type WebhookAttempt, WebhookError } from './webhook-client.ts';

/** What takes a call out of the verb that it is in. */
export type Interruption =
  | { type: 'hangUp'; by: CallReport['endedBy'] }
  | { type: 'document'; twiml: string }
  | { type: 'redirect'; url: string };

/** What the runner needs of its call. URLs are public ones. */
export interface RunnerCall extends DialingCall {
  /** How long a message is left in a `<Record>`. */
  readonly messageS: number;
  readonly hangUpDuring: 'Dial' | 'Record' | undefined;
  readonly fallbackUrl: string | undefined;
  readonly allowInsecureStream: boolean;
  readonly onSocketLost: SocketLoss;
  /** Posts the call's standard form and these fields. @throws {WebhookError} */
  post(
    url: string,
    fields: Record<string, string>,
    onAttempt: (attempt: WebhookAttempt) => void,
  ): Promise<WebhookAnswer>;
  /** The first document has been read, and it does not reject the call. */
  answer(): void;
  /** Resolves when the stream is over; `stopStream` ends it. */
  runStream(stream: StreamRequest): Promise<StreamEnd>;
  stopStream(): void;
  /** The recording is stored. */
  tellRecorded(url: string, fields: Record<string, string>): void;
}

/** After so long the next verb is run, or the call ends with an error. */
export interface SocketLoss {
  leadsTo: 'redirect' | 'error';
  afterMs: number;
}

export interface StreamRequest {
  url: string;
  name: string | undefined;
  statusCallback: string | undefined;
  customParameters: Record<string, string>;
}

export interface RunnerEnd {
  outcome: CallReport['outcome'];
  endedBy: CallReport['endedBy'];
}

/** Where the call goes after a verb: on, to another document, or nowhere. */
type Step = undefined | { url: string; fields: Record<string, string> } | RunnerEnd;

export class TwimlRunner {
  readonly #call: RunnerCall;
  #interruption: Interruption | undefined;
  #wake: (() => void) | undefined;
  /** What relative URLs are relative to. */
  #baseUrl = '';
  #usedFallback = false;

  constructor(call: RunnerCall) {
    this.#call = call;
  }

  /** A hang-up cannot be taken back; anything else gives way to what comes later. */
  interrupt(interruption: Interruption): void {
    if (this.#interruption?.type === 'hangUp') return;
    this.#interruption = interruption;
    this.#wake?.();
  }

  async run(firstUrl: string): Promise<RunnerEnd> {
    let step: Step = { url: firstUrl, fields: {} };
    for (let documents = 0; documents < DOCUMENT_LIMIT; documents++) {
      const document: TwimlDocument | RunnerEnd | undefined = step && (await this.#read(step));
      if (document && 'outcome' in document) return document;
      step = document ? await this.#runDocument(document) : undefined;
      const interruption = this.#takeInterruption();
      if (interruption?.type === 'hangUp') {
        return { outcome: 'completed', endedBy: interruption.by };
      }
      if (interruption?.type === 'redirect') step = { url: interruption.url, fields: {} };
      if (interruption?.type === 'document') step = await this.#runInline(interruption.twiml);
      if (step && 'outcome' in step) return step;
      if (!step && !this.#interruption) return { outcome: 'completed', endedBy: 'document' };
    }
    this.#call.violate(`more than ${DOCUMENT_LIMIT} documents in one call`);
    return { outcome: 'application-error', endedBy: 'error' };
  }

  async #runInline(twiml: string): Promise<Step> {
    const document = this.#parse(twiml);
    return document ? this.#runDocument(document) : APPLICATION_ERROR;
  }

  /** The document at the URL, or at the fallback URL; undefined if interrupted. */
  async #read(step: {
    url: string;
    fields: Record<string, string>;
  }): Promise<TwimlDocument | RunnerEnd | undefined> {
    const answer = await this.#race(this.#fetch(step.url, step.fields));
    if (!answer) return undefined;
    const document = typeof answer === 'number' ? undefined : this.#parse(answer.body);
    if (document) {
      this.#baseUrl = step.url;
      return document;
    }
    if (!this.#call.fallbackUrl || this.#usedFallback) return APPLICATION_ERROR;
    this.#usedFallback = true;
    const errorCode = typeof answer === 'number' ? answer : 12100;
    const fields = { ErrorCode: String(errorCode), ErrorUrl: step.url };
    return this.#read({ url: this.#call.fallbackUrl, fields });
  }

  /** The answer with a document in it, or Twilio's error code. */
  async #fetch(url: string, fields: Record<string, string>): Promise<WebhookAnswer | number> {
    const onAttempt = (attempt: WebhookAttempt) =>
      this.#call.record({ type: 'webhook', name: url, ...attempt });
    try {
      const answer = await this.#call.post(url, fields, onAttempt);
      if (answer.status >= 300) return this.#fail(11217, `HTTP ${answer.status} from a webhook`);
      if (!/^(?:text|application)\/xml|^text\/html/.test(answer.contentType)) {
        return this.#fail(12300, 'a webhook without an XML content type');
      }
      return answer;
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      return this.#fail(error.code, 'no answer from a webhook');
    }
  }

  #fail(code: number, text: string): number {
    this.#call.violate(`${code} ${text}`);
    return code;
  }

  #parse(text: string): TwimlDocument | undefined {
    try {
      const document = parseTwiml(text);
      for (const warning of document.warnings) this.#call.violate(warning);
      return document;
    } catch (error) {
      if (!(error instanceof TwimlDocumentError)) throw error;
      this.#call.violate(`${error.code} ${error.message}`);
      return undefined;
    }
  }

  async #runDocument(document: TwimlDocument): Promise<Step> {
    const [first] = document.verbs;
    if (first?.name !== 'Reject') this.#call.answer();
    for (const verb of document.verbs) {
      if (this.#interruption) return undefined;
      const detail = verb.name === 'Say' ? { detail: verb.text } : {};
      this.#call.record({ atMs: performance.now(), type: 'twiml', name: verb.name, ...detail });
      const step = await this.#runVerb(verb);
      if (step) return step;
    }
    return undefined;
  }

  /** `Say`, `Play` and `Pause` take no time here: nobody waits for a simulation. */
  async #runVerb(verb: Verb): Promise<Step> {
    switch (verb.name) {
      case 'Connect':
        return this.#connect(verb);
      case 'Redirect':
        return { url: this.#resolve(verb.text.trim()), fields: {} };
      case 'Hangup':
        return { outcome: 'completed', endedBy: 'document' };
      case 'Reject': {
        const isBusy = verb.attributes.reason === 'busy';
        return { outcome: isBusy ? 'busy' : 'rejected', endedBy: 'document' };
      }
      case 'Record':
        return this.#recordMessage(verb);
      case 'Dial':
        return this.#dial(verb);
      default:
        return undefined;
    }
  }

  async #connect(verb: Verb): Promise<Step> {
    const stream = verb.children.find((child) => child.name === 'Stream');
    if (!stream) {
      this.#call.violate('12200 <Connect> without <Stream>');
      return undefined;
    }
    const end = await this.#race(this.#call.runStream(this.#streamRequest(stream)));
    // Interrupted: Twilio says `stop` and closes; the action is not asked.
    if (!end) this.#call.stopStream();
    if (end === 'lost' || end === 'dropped') {
      const { leadsTo, afterMs } = this.#call.onSocketLost;
      if (afterMs > 0) await this.#pass(afterMs);
      if (leadsTo === 'error' && !this.#interruption) return APPLICATION_ERROR;
    }
    const { action } = verb.attributes;
    return end && action ? { url: this.#resolve(action), fields: {} } : undefined;
  }

  #streamRequest(stream: Verb): StreamRequest {
    const { url = '', name, track, statusCallback } = stream.attributes;
    const absolute = this.#resolve(url).replace(/^http/, 'ws');
    if (!absolute.startsWith('wss:') && !this.#call.allowInsecureStream) {
      this.#call.violate('31922 the scheme of a stream is not wss');
    }
    if (absolute.includes('?')) this.#call.violate('31920 the URL of a stream has a query');
    if (track && track !== 'inbound_track') this.#call.violate('31941 invalid track');
    if (statusCallback && !/^https?:/.test(statusCallback)) {
      this.#call.violate('12200 statusCallback is not absolute');
    }
    const parameters = stream.children.map((child): [string, string] => {
      const { name: key = '', value = '' } = child.attributes;
      if (key.length + value.length >= 500) this.#call.violate('12200 parameter too long');
      return [key, value];
    });
    const customParameters = Object.fromEntries(parameters);
    // Twilio cuts the query off.
    return { url: absolute.replace(/\?.*$/, ''), name, statusCallback, customParameters };
  }

  async #recordMessage(verb: Verb): Promise<Step> {
    const { action, recordingStatusCallback } = verb.attributes;
    if (!action) this.#call.violate('11100 <Record> without an action records in a loop');
    const { messageS, hangUpDuring } = this.#call;
    // Silence leads to the next verb.
    if (messageS === 0 && hangUpDuring !== 'Record') return undefined;
    this.#call.record({ atMs: performance.now(), type: 'recorded' });
    const RecordingSid = this.#call.newSid('RE');
    const RecordingUrl = `https://api.twilio.com/recordings/${RecordingSid}`;
    const recording = { RecordingSid, RecordingUrl, RecordingDuration: String(messageS) };
    if (recordingStatusCallback) {
      const RecordingStatus = messageS > 0 ? 'completed' : 'absent';
      this.#call.tellRecorded(this.#resolve(recordingStatusCallback), {
        ...recording,
        RecordingStatus,
        RecordingSource: 'RecordVerb',
      });
    }
    const url = this.#resolve(action ?? this.#baseUrl);
    if (hangUpDuring !== 'Record') return { url, fields: { ...recording, Digits: '' } };
    // The action is told; whatever it answers, nobody is there.
    await this.#fetch(url, { ...recording, Digits: 'hangup' });
    return HUNG_UP;
  }

  async #dial(verb: Verb): Promise<Step> {
    if (this.#call.hangUpDuring === 'Dial') return HUNG_UP;
    const { action } = verb.attributes;
    const fields = await runDial(verb, this.#call, (url) => this.#resolve(url));
    return action ? { url: this.#resolve(action), fields } : undefined;
  }

  #resolve(url: string): string {
    return new URL(url, this.#baseUrl).href;
  }

  /** The result, or undefined when the call is interrupted first. */
  async #race<T>(work: Promise<T>): Promise<T | undefined> {
    if (this.#interruption) {
      work.catch(() => {});
      return undefined;
    }
    const interrupted = new Promise<undefined>((resolve) => {
      this.#wake = () => resolve(undefined);
    });
    return Promise.race([work, interrupted]);
  }

  /** Lets time pass, up to the next interruption. */
  async #pass(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await this.#race(promise);
    clearTimeout(timer);
  }

  #takeInterruption(): Interruption | undefined {
    const interruption = this.#interruption;
    this.#interruption = undefined;
    return interruption;
  }
}

/** A caller with a server that redirects for ever would otherwise never be released. */
const DOCUMENT_LIMIT = 50;
const HUNG_UP: RunnerEnd = { outcome: 'completed', endedBy: 'caller' };
const APPLICATION_ERROR: RunnerEnd = { outcome: 'application-error', endedBy: 'error' };
