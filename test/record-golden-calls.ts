/**
 * `node test/record-golden-calls.ts FILE`: places four calls against the server as it is, and writes down
 * what its records hold of them. Run at a release: those that come after it must be able to read such
 * calls, and to go on with them (`test/golden-calls.test.ts`).
 */
import { writeFileSync } from 'node:fs';
import { DIALOGUE } from '../src/demo/dialogue.ts';
import { perform } from '../src/demo/performance.ts';
import { recordLines } from '../src/demo/recordings.ts';
import { scriptedModel } from '../src/demo/scripted-model.ts';
import { writtenDown } from '../src/demo/written-down.ts';
import { MIGRATION_NAMES } from '../src/journal/migrate.ts';
import type { Caller } from '../src/simulators/twilio/caller.ts';
import { setStage } from '../src/stage.ts';
import { EmbeddedVoice } from '../src/tts/embedded-voice.ts';

const PATIENCE_MS = 15_000;

const [file] = process.argv.slice(2);
if (!file) throw new Error('expected the name of the file to be written');
const voice = await EmbeddedVoice.start();
const recordings = await recordLines(voice, DIALOGUE);
await voice.close();
const stage = await setStage({
  env: { RESTAURANT_GREETING: 'Trattoria Aurora, good evening. How can I help you?' },
  cartesia: { realTimeFactor: 16 },
  ultravox: { recordings: [...recordings.values()], reply: scriptedModel(DIALOGUE) },
});
const [opening] = DIALOGUE;
const first = opening && recordings.get(opening.id);
if (!first) throw new Error('expected the dialogue to begin with a line');

const greeted = async (caller: Caller) => {
  await caller.agentSpeaking(PATIENCE_MS);
  await caller.agentSilent(500, PATIENCE_MS);
};
const scripts: Record<string, (caller: Caller) => Promise<void>> = {
  booked: (caller) => perform(caller, DIALOGUE, recordings, { caller: () => {} }),
  silent: (caller) => caller.hungUp(60_000),
  person: async (caller) => {
    await greeted(caller);
    await caller.press('0');
    await caller.hungUp(PATIENCE_MS);
  },
  hungUp: async (caller) => {
    await greeted(caller);
    await caller.say(first.mulaw);
    await caller.agentSpeaking(PATIENCE_MS);
    await caller.pause(300);
    await caller.hangUp();
  },
};

const calls: Record<string, object> = {};
for (const [name, caller] of Object.entries(scripts)) {
  const call = stage.placeCall({ maxMs: 90_000, caller });
  const report = await call.ended;
  if (report.scriptError) throw report.scriptError;
  await writtenDown(stage, report.callSid);
  calls[name] = await recorded(report.callSid);
  console.log(`${name}: ${report.callSid}`);
}
await stage.close();
const golden = { migrations: MIGRATION_NAMES, calls };
writeFileSync(file, `${JSON.stringify(golden, undefined, 1)}\n`);

/** Without whom it was: a number is nobody's business. */
async function recorded(callSid: string): Promise<object> {
  const { db } = stage.orchestrator.records.database;
  const of = (table: 'calls' | 'call_events' | 'turns') =>
    db.selectFrom(table).selectAll().where('call_sid', '=', callSid);
  const [call] = await of('calls').execute();
  return {
    call: { ...call, caller_key: null, caller_last4: null, reservation_id: null },
    events: await of('call_events').orderBy('seq').execute(),
    turns: await of('turns').orderBy('turn').execute(),
  };
}
