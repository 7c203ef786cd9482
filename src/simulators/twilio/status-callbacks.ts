/** What Twilio tells a server beside the call: it waits for no answer, but warns of a bad one. */
import type { TimelineEntry } from './call-report.ts';
import { retriesOf } from './connection-overrides.ts';
import type { WebhookAnswer } from './webhook-client.ts';
import type { WebhookCopies } from './webhook-copies.ts';

export interface StatusCallbacksOptions {
  post(url: string, form: Record<string, string>): Promise<WebhookAnswer>;
  copies: WebhookCopies;
  record(entry: Omit<TimelineEntry, 'trackMs'>): void;
  violate(text: string): void;
}

export class StatusCallbacks {
  /** What was told beside the fields that every webhook has, in order, each once. */
  readonly forms: Array<Record<string, string>> = [];
  readonly #options: StatusCallbacksOptions;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: StatusCallbacksOptions) {
    this.#options = options;
  }

  /** @param base The fields that every webhook has. */
  tell(
    url: string,
    event: string,
    fields: Record<string, string>,
    base: Record<string, string>,
  ): void {
    this.forms.push(fields);
    for (const delayMs of this.#options.copies.delaysMs()) {
      this.#send(url, event, { ...base, ...fields }, delayMs);
    }
  }

  /** Sends copies of a webhook that is sent already; their answers lead nowhere. */
  repeat(url: string, event: string, form: Record<string, string>): void {
    for (const delayMs of this.#options.copies.delaysMs().slice(1)) {
      this.#send(url, event, form, delayMs);
    }
  }

  /** Resolves when all have been answered, or are lost. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #send(url: string, event: string, form: Record<string, string>, delayMs: number): void {
    const told = this.#tell(url, event, form, delayMs).finally(() => this.#pending.delete(told));
    this.#pending.add(told);
  }

  async #tell(
    url: string,
    event: string,
    form: Record<string, string>,
    delayMs: number,
  ): Promise<void> {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    const retries = retriesOf(url);
    let status = 0;
    for (let tried = 0; tried <= retries.most; tried++) {
      const atMs = performance.now();
      status = await this.#options.post(url, form).then(
        (answer) => answer.status,
        () => 0,
      );
      this.#options.record({ atMs, type: 'callback', name: event, status });
      if (!retries.after(status)) break;
    }
    if (status < 200 || status > 299) {
      this.#options.violate(`15003 status ${status} from the callback of ${event}`);
    }
  }
}
