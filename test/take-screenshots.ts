/**
 * `npm run screenshots`: pictures of the visualiser for `docs/`, with calls in it. The calls are real
 * ones of the simulated caller; the weeks before them, which the analysis shows, are made up.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { decodeMulaw, SAMPLE_RATE_HZ } from '../src/audio/mulaw.ts';
import { writeWav } from '../src/audio/wav.ts';
import { DIALOGUE } from '../src/demo/dialogue.ts';
import { perform } from '../src/demo/performance.ts';
import { recordLines } from '../src/demo/recordings.ts';
import { Screen } from '../src/demo/screen.ts';
import { scriptedModel } from '../src/demo/scripted-model.ts';
import { type Stage, setStage } from '../src/stage.ts';
import { EmbeddedVoice } from '../src/tts/embedded-voice.ts';
import { NO_BROWSER, openBrowser } from './support/browser.ts';
import { pastCalls } from './support/past-calls.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs' },
    scheme: { type: 'string', default: 'light' },
    size: { type: 'string', default: '1280x800' },
  },
});
const [width = 1280, height = 800] = values.size.split('x').map(Number);
const colorScheme = values.scheme === 'dark' ? 'dark' : 'light';

if (NO_BROWSER) {
  console.log(NO_BROWSER);
  process.exit(1);
}
const directory = mkdtempSync(join(tmpdir(), 'screenshots-'));
mkdirSync(values.out, { recursive: true });
const voice = await EmbeddedVoice.start();
const recordings = await recordLines(voice, DIALOGUE);
await voice.close();
const microphone = join(directory, 'microphone.wav');
const request = recordings.get('request')!.mulaw;
writeFileSync(
  microphone,
  writeWav({ samples: decodeMulaw(request), sampleRateHz: SAMPLE_RATE_HZ, channels: 1 }),
);
const stage = await setStage({
  env: { RECORD_CALLS: 'on' },
  ultravox: { recordings: [...recordings.values()], reply: scriptedModel(DIALOGUE) },
});
const browser = await openBrowser({ microphone });
try {
  await takeAll(stage, browser);
} finally {
  await browser.close();
  await stage.close();
  rmSync(directory, { recursive: true });
}

async function takeAll(stage: Stage, browser: Browser): Promise<void> {
  for (const entry of pastCalls(Date.now())) stage.orchestrator.records.journal.write(entry);
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const calls = [0, 4000, 9000].map((ms) => passes(ms).then(() => place(stage)));
  await show(page, 'now');
  // Far enough into the first call for words, answers and a tool.
  await passes(24_000);
  await take(page, 'now');
  const [call] = await Promise.all(calls);
  await passes(2500);
  await page.setViewportSize({ width, height: height * 1.5 });
  await show(page, `call/${call}`);
  await take(page, 'call');
  await page.setViewportSize({ width, height });
  await show(page, `past/${call}`);
  // To where the caller speaks over the agent.
  await page.getByText('bargeIn', { exact: true }).first().waitFor({ state: 'attached' });
  await page.getByRole('slider').focus();
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press('ArrowRight');
    if ((await page.locator('.past-told').textContent())?.includes('bargeIn')) break;
  }
  await passes(500);
  await take(page, 'past');
  await show(page, 'calls');
  await take(page, 'calls');
  await page.setViewportSize({ width, height: height * 1.5 });
  await show(page, 'analysis');
  await take(page, 'analysis');
  await page.setViewportSize({ width, height });
  await show(page, 'softphone');
  await page.getByRole('button', { name: /^call/i }).click();
  await passes(9000);
  await take(page, 'softphone');
}

/** @returns the CallSid of a call that went as scripted */
async function place(stage: Stage): Promise<string> {
  const silent = new Screen({ write: () => true } as never);
  const call = stage.placeCall({ caller: (c) => perform(c, DIALOGUE, recordings, silent) });
  return (await call.ended).callSid;
}

async function show(page: Page, view: string): Promise<void> {
  await page.goto(`${stage.orchestrator.url}/visualiser/#${view}`);
  await passes(1500);
}

async function take(page: Page, name: string): Promise<void> {
  const path = join(values.out, `visualiser-${name}.png`);
  await page.screenshot({ path });
  console.log(path);
}

function passes(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
