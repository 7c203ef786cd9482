import type { Api } from './api.ts';
import type { LiveFeed } from './live-feed.ts';

/** What every view may use. */
export interface PageParts {
  api: Api;
  feed: LiveFeed;
}

/** One of the page's tabs. It is made once, and shown and hidden as the address says. */
export interface View {
  /**
   * @param main Empty, and the view's own until `hide`.
   * @param argument What follows the view's name in the address: a CallSid, or nothing.
   */
  show(main: HTMLElement, argument: string): void;
  /** Stops its timers and requests. */
  hide(): void;
}
