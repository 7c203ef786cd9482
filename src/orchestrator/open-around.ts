import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { FallbackVoice } from '../tts/fallback-voice.ts';
import type { TurnModel } from '../turns/turn-model.ts';
import { type SileroVoiceActivity, startVoiceActivity } from '../turns/voice-activity.ts';
import { openRecords, type Records } from './records.ts';
import { startTurnModel } from './turn-model.ts';

/** What calls use beside the engine. */
export interface Around {
  activity: SileroVoiceActivity;
  turnModel: TurnModel | undefined;
  voice: FallbackVoice;
  records: Records;
}

/** What takes its time to open; `opened` closes what did, should another of them not. */
export async function openAround(
  startingVoice: Promise<FallbackVoice>,
  config: Config,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<Around> {
  const opening = [
    startVoiceActivity(),
    startingVoice,
    openRecords(config, log),
    startTurnModel(config, log),
  ] as const;
  const closing = (part: { close(): Promise<void> } | undefined) =>
    opened.defer(() => part?.close());
  await Promise.allSettled(opening.map((part) => part.then(closing)));
  const [activity, voice, records, turnModel] = await Promise.all(opening);
  return { activity, voice, records, turnModel };
}
