/** Where a call stands as Twilio says it: ringing, answered, over; and what is told of that. */
import type { OutboundLeg, PlaceCall } from './place-call.ts';
import { Ringing, type RingingEnd } from './ringing.ts';

export interface CallProgressOptions {
  place: PlaceCall & { outbound?: OutboundLeg };
  /** Tells a callback; `bare` without the form of a call. */
  tell(url: string, event: string, fields: Record<string, string>, form: 'call' | 'bare'): void;
}

export class CallProgress {
  /** Twilio's CallStatus. */
  status = 'ringing';
  readonly #options: CallProgressOptions;
  #ringing: Ringing | undefined;
  #detection: ReturnType<typeof setTimeout> | undefined;
  /** Callbacks of the progress are numbered, as they may arrive in any order. */
  #sequence = 0;

  constructor(options: CallProgressOptions) {
    this.#options = options;
  }

  /** A call that was placed by REST rings first; undefined when it is answered. */
  async ring(): Promise<Exclude<RingingEnd, 'answered'> | undefined> {
    const { outbound } = this.#options.place;
    if (!outbound) return undefined;
    this.status = 'initiated';
    this.tell('initiated');
    this.status = 'ringing';
    this.tell('ringing');
    this.#ringing = new Ringing(outbound.callee);
    const how = await this.#ringing.ended;
    this.#ringing = undefined;
    this.status = how === 'answered' ? 'in-progress' : how;
    if (how !== 'answered') return how;
    this.tell('answered');
    this.#detect(outbound);
    return undefined;
  }

  /** False when nothing rings that could be stopped. */
  cancelRinging(): boolean {
    this.#ringing?.cancel();
    return this.#ringing !== undefined;
  }

  /** The line is down; `tell('completed')` says so. */
  end(): void {
    clearTimeout(this.#detection);
    if (LIVE.has(this.status)) this.status = 'completed';
  }

  /** @param event `completed` stands for every end. */
  tell(event: string, extra: Record<string, string> = {}): void {
    const { statusCallbackUrl, statusCallbackEvents = ['completed'] } = this.#options.place;
    if (!statusCallbackUrl || !statusCallbackEvents.includes(event)) return;
    const fields = {
      CallStatus: this.status,
      ...extra,
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(this.#sequence++),
      Timestamp: new Date().toUTCString(),
    };
    this.#options.tell(statusCallbackUrl, event, fields, 'call');
  }

  /** Listens who it is, while the call goes on. */
  #detect({ callee, asyncAmdCallback: url }: OutboundLeg): void {
    if (!url) return;
    const { answeredBy = 'human', detectionMs = 100 } = callee;
    this.#detection = setTimeout(() => {
      const fields = { AnsweredBy: answeredBy, MachineDetectionDuration: String(detectionMs) };
      this.#options.tell(url, 'detected', fields, 'bare');
    }, detectionMs);
  }
}

const LIVE: ReadonlySet<string> = new Set(['initiated', 'ringing', 'in-progress']);
