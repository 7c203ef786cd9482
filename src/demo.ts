/**
 * `npm run demo`: one whole phone call on this machine, without any account. The server is the real
 * one; Twilio, the engine and the voice service are simulators that speak their protocols.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIALOGUE } from './demo/dialogue.ts';
import { perform } from './demo/performance.ts';
import { recordLines } from './demo/recordings.ts';
import { Screen } from './demo/screen.ts';
import { scriptedModel } from './demo/scripted-model.ts';
import { bookingLine, latencyTable, transcriptOf } from './demo/summary.ts';
import { problemsOf } from './demo/verdict.ts';
import { WatchedCall } from './demo/watched-call.ts';
import { writtenDown } from './demo/written-down.ts';
import { stereoWav } from './simulators/twilio/stereo-wav.ts';
import { setStage } from './stage.ts';
import { EmbeddedVoice } from './tts/embedded-voice.ts';

const OUT = join('out', 'demo');

/** A demonstration that hangs is one that failed. */
const deadline = setTimeout(() => {
  console.error('The demonstration did not end within 120 s.');
  process.exit(1);
}, 120_000);
deadline.unref();

process.exitCode = await demonstrate();

async function demonstrate(): Promise<number> {
  console.log(
    'A phone call on this machine. Simulated here: Twilio, the engine, the voice service.',
  );
  const screen = new Screen(process.stdout);
  const watched = new WatchedCall(screen);
  const callerVoice = await EmbeddedVoice.start();
  const recordings = await recordLines(callerVoice, DIALOGUE);
  await callerVoice.close();
  const stage = await setStage({
    observer: watched,
    env: { RESTAURANT_GREETING: 'Trattoria Aurora, good evening. How can I help you?' },
    cartesia: { realTimeFactor: 16 },
    ultravox: {
      recordings: [...recordings.values()],
      reply: scriptedModel(DIALOGUE),
    },
  });
  console.log(`Watch it in a browser meanwhile: ${stage.orchestrator.url}/visualiser/`);
  const call = stage.placeCall({ caller: (c) => perform(c, DIALOGUE, recordings, screen) });
  const [report, record] = await Promise.all([call.ended, watched.ended]);
  screen.close();
  const heard = [...stage.ultravox.heard];
  const written = await writtenDown(stage, report.callSid);
  await stage.close();

  const { turns, states } = watched;
  const { outcome } = record;
  const evidence = { lines: DIALOGUE, report, outcome, states, heard, turns, written };
  const problems = problemsOf(evidence);
  const transcript = transcriptOf(turns, DIALOGUE);
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'call.wav'), stereoWav(report));
  writeFileSync(join(OUT, 'transcript.txt'), transcript);
  writeFileSync(
    join(OUT, 'summary.json'),
    `${JSON.stringify({ simulated: true, record, written, states, problems }, undefined, 2)}\n`,
  );
  console.log(`\nThe conversation as heard:\n\n${transcript}`);
  console.log(
    `Milliseconds from the caller's last sample:\n\n${latencyTable(record.turnTimings)}\n`,
  );
  console.log(`${bookingLine(written)}\n`);
  console.log(
    `Written to ${OUT}: call.wav (caller left, agent right), transcript.txt, summary.json`,
  );
  for (const problem of problems) console.error(`Not as scripted: ${problem}`);
  if (problems.length === 0) console.log('The call went as scripted.');
  return problems.length === 0 ? 0 : 1;
}
