/** What the visualiser needs of this process: the feed, and who feeds it. */
import type { Logger } from 'pino';
import type { BackPressure } from '../back-pressure.ts';
import type { CallObserver } from '../call/call-services.ts';
import type { Config } from '../config.ts';
import type { EngineOptions } from '../engine.ts';
import { recordingOf } from '../journal/recordings.ts';
import { MomentsThread } from '../replay/moments-thread.ts';
import { readAnalysis } from '../report/analysis.ts';
import { wholeDays } from '../report/whole-days.ts';
import type { VisualiserOptions } from '../server/server-options.ts';
import type { EngineQueue } from '../ultravox/engine-queue.ts';
import { ENGINE_SESSION, Feed } from '../visualiser/feed.ts';
import { callFeed } from './call-feed.ts';
import { linearRecording } from './linear-recording.ts';
import { PROGRAM_VERSION } from './program-version.ts';
import type { Records } from './records.ts';

export interface CallFeed {
  readonly feed: Feed;
  /** Looks on at every call. */
  readonly observer: CallObserver;
  /** Looks on at the engine's machine. */
  readonly inspectEngine: NonNullable<EngineOptions['inspect']>;
}

/** @param queue asked only while somebody looks: it need not be there before */
export function startFeed(
  config: Config,
  queue: () => EngineQueue,
  pressure: BackPressure,
  log: Logger,
): CallFeed {
  const feed = new Feed({
    program: PROGRAM_VERSION,
    maxCalls: config.MAX_CALLS,
    readQueue: () => readingOf(queue()),
    isBehind: () => pressure.isBehind,
    onShed: (messages) => pressure.drop('visualiser', messages),
    onFault: (err, count) => {
      // A mistake of ours that may come with every event: one line says it all.
      if (count === 1) log.error({ err }, 'visualiser failed');
    },
  });
  return {
    feed,
    observer: callFeed(feed),
    inspectEngine: (event) => feed.inspected(ENGINE_SESSION, event),
  };
}

export function visualiserOptions(
  config: Config,
  feed: Feed,
  { database, recordings }: Pick<Records, 'database' | 'recordings'>,
): VisualiserOptions {
  const moments = new MomentsThread();
  const { VISUALISER, TWILIO_ACCOUNT_SID: accountSid, cerebrium } = config;
  return {
    // There all requests come through a proxy beside us: nobody is local.
    access: cerebrium && VISUALISER === 'on' ? 'token' : VISUALISER,
    feed,
    accountSid,
    moments: (call) => moments.read(call),
    analysis: async (period) => {
      const days = wholeDays(period.from, period.to, period.zone);
      return { ...period, ...(await readAnalysis(database, days)) };
    },
    recording: async (callSid) => {
      const recording = await recordingOf(recordings, callSid);
      return recording && linearRecording(recording);
    },
  };
}

function readingOf(queue: EngineQueue) {
  const { depth, inSlot, streaming, entries } = queue;
  const predictedWaitMs = Math.round(queue.predictedWaitMs());
  return { depth, inSlot, streaming, predictedWaitMs, entries };
}
