import type { CallObserver } from '../call/call-services.ts';
import { stagesOf } from '../call/turn-stages.ts';
import type { Call } from '../call.ts';
import type { Feed } from '../visualiser/feed.ts';

/** Tells the feed what happens in calls. */
export function callFeed(feed: Feed): CallObserver {
  // Every call is an actor system of its own, in which its machine has the same id.
  const sessions = new WeakMap<Call, string>();
  let calls = 0;
  const sessionOf = (call: Call): string => {
    const known = sessions.get(call) ?? `call-${++calls}`;
    sessions.set(call, known);
    return known;
  };
  return {
    onInspection: (call, event) => feed.inspected(sessionOf(call), event),
    onStarted: (call, start) => feed.started(sessionOf(call), { ...start }),
    onWords: (call, { turn, at, speaker, text }) =>
      feed.words(sessionOf(call), { turn, at, speaker, text }),
    onTurn: (call, timing) =>
      feed.answered(sessionOf(call), { at: Date.now(), stages: { ...stagesOf(timing) } }),
    onEnded: (call, { outcome, reason, durationMs }) => {
      const end = { at: Date.now(), outcome, reason, durationMs };
      // XState reports the last snapshot after whoever waits for the end has been told.
      queueMicrotask(() => feed.ended(sessionOf(call), end));
    },
  };
}
