/** What Twilio tells a server beside the call: it waits for no answer, but warns of a bad one. */
import type { TimelineEntry } from './call-report.ts';
import { type WebhookAnswer, type WebhookAttempt, WebhookError } from './webhook-client.ts';
import type { WebhookCopies } from './webhook-copies.ts';

export interface StatusCallbacksOptions {
  /** @throws {WebhookError} */
  post(
    url: string,
    form: Record<string, string>,
    onAttempt: (attempt: WebhookAttempt) => void,
  ): Promise<WebhookAnswer>;
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
    const { post, record } = this.#options;
    const onAttempt = ({ atMs, status }: WebhookAttempt) =>
      record({ atMs, type: 'callback', name: event, status });
    const status = await post(url, form, onAttempt).then(
      (answer) => answer.status,
      (error: unknown) => {
        if (!(error instanceof WebhookError)) throw error;
        return 0;
      },
    );
    if (status < 200 || status > 299) {
      this.#options.violate(`15003 status ${status} from the callback of ${event}`);
    }
  }
}
