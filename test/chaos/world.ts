/** What all scenarios of a run share. */
import { recordLines } from '../../src/demo/recordings.ts';
import type { SocketLoss } from '../../src/simulators/twilio/twiml-runner.ts';
import type { Recording } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import { EmbeddedVoice } from '../../src/tts/embedded-voice.ts';
import { DIALOGUE } from './dialogue.ts';

export interface World {
  /** What callers say, by the line's id. */
  recordings: ReadonlyMap<string, Recording>;
  /** Of PostgreSQL. */
  binaries: string;
  seed: number;
  socketLoss: SocketLoss;
}

export async function recordDialogue(): Promise<Map<string, Recording>> {
  const voice = await EmbeddedVoice.start();
  const lines = DIALOGUE.map(({ id, text }) => ({ id, says: [text] }));
  return recordLines(voice, lines).finally(() => voice.close());
}
