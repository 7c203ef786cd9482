/** The page: its views by address, the viewer's token, the feed that all of them share. */
import { AnalysisView } from './analysis-view.ts';
import { Api } from './api.ts';
import { CallView } from './call-view.ts';
import { CallsView } from './calls-view.ts';
import { element } from './element.ts';
import { type FeedState, LiveFeed } from './live-feed.ts';
import { NowView } from './now-view.ts';
import { PastView } from './past-view.ts';
import { SoftphoneView } from './softphone-view.ts';
import type { View } from './view.ts';

const FEED_STATES: Readonly<Record<FeedState, string>> = {
  connecting: 'connecting',
  live: 'live',
  lost: 'no connection, trying again',
  refused: 'not let in',
};

const api = new Api();
const feed = new LiveFeed(api);
const parts = { api, feed };
/** By the first part of the address: `#past/CA...`. */
const views: Readonly<Record<string, View>> = {
  now: new NowView(parts),
  calls: new CallsView(parts),
  call: new CallView(parts),
  past: new PastView(parts),
  analysis: new AnalysisView(parts),
  softphone: new SoftphoneView(parts),
};
/** The views that a tab stands for. */
const TAB_OF: Readonly<Record<string, string>> = { call: 'calls', past: 'calls' };

const main = required<HTMLElement>('#main');
const login = required<HTMLDialogElement>('#login');
let shown: View | undefined;

api.onUnauthorised = () => {
  // Requests that were under way say it once more.
  if (login.open) return;
  const problem = api.token ? 'The server knows no such token.' : '';
  required('#login-problem').textContent = problem;
  api.token = null;
  login.showModal();
};
login.addEventListener('close', () => {
  const input = required<HTMLInputElement>('#login-token');
  api.token = input.value.trim();
  input.value = '';
  feed.connect();
  show();
});
// Not by its address, which would take the place of the view's.
required('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
feed.watch(showConnection);
addEventListener('hashchange', show);
showConnection(feed.state);
feed.connect();
show();

function show(): void {
  const [name = '', argument = ''] = location.hash.slice(1).split('/');
  const view = views[name];
  if (!view) {
    location.replace('#now');
    return;
  }
  shown?.hide();
  shown = view;
  main.replaceChildren();
  for (const link of document.querySelectorAll('nav a')) {
    const isCurrent = link.getAttribute('href') === `#${TAB_OF[name] ?? name}`;
    if (isCurrent) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  try {
    view.show(main, argument);
  } catch (error) {
    main.replaceChildren(element('p', { class: 'problem', role: 'alert' }, String(error)));
  }
}

function showConnection(state: FeedState): void {
  const place = required('#connection');
  place.textContent = FEED_STATES[state];
  place.className = `connection ${state}`;
}

function required<Found extends Element>(selector: string): Found {
  const found = document.querySelector<Found>(selector);
  if (!found) throw new Error(`expected ${selector} in the page, got none`);
  return found;
}
