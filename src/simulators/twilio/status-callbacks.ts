/** What Twilio tells a server beside the call: it waits for no answer, but warns of a bad one. */
import type { TimelineEntry } from './call-report.ts';
import type { WebhookAnswer } from './webhook-client.ts';

export interface StatusCallbacksOptions {
  post(url: string, fields: Record<string, string>): Promise<WebhookAnswer>;
  record(entry: Omit<TimelineEntry, 'trackMs'>): void;
  violate(text: string): void;
}

export class StatusCallbacks {
  /** What was posted beside the standard form, in order. */
  readonly forms: Array<Record<string, string>> = [];
  readonly #options: StatusCallbacksOptions;
  readonly #pending = new Set<Promise<void>>();

  constructor(options: StatusCallbacksOptions) {
    this.#options = options;
  }

  tell(url: string, event: string, fields: Record<string, string>): void {
    const form = { ...fields, Timestamp: new Date().toISOString() };
    this.forms.push(form);
    const told = this.#tell(url, event, form).finally(() => this.#pending.delete(told));
    this.#pending.add(told);
  }

  /** Resolves when all have been answered, or are lost. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #tell(url: string, event: string, form: Record<string, string>): Promise<void> {
    const atMs = performance.now();
    const status = await this.#options.post(url, form).then(
      (answer) => answer.status,
      () => 0,
    );
    this.#options.record({ atMs, type: 'callback', name: event, status });
    if (status < 200 || status > 299) {
      this.#options.violate(`15003 status ${status} from the callback of ${event}`);
    }
  }
}
