/** The softphone in a real browser, whose microphone hears a recording, against the real server. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { decodeMulaw } from '../src/audio/mulaw.ts';
import { resample } from '../src/audio/resample.ts';
import { writeWav } from '../src/audio/wav.ts';
import { recordLines } from '../src/demo/recordings.ts';
import { readRecording } from '../src/place-call/recording-file.ts';
import { EmbeddedVoice } from '../src/tts/embedded-voice.ts';
import { NO_BROWSER, openBrowser } from './support/browser.ts';
import { CallStage, LINES } from './support/call-stage.ts';

const LINE = LINES.hours;
/** A sound card's usual rate. */
const CARD_HZ = 48_000;
/** The greeting is over by then. */
const BEFORE_MS = 4000;
const PATIENCE_MS = 30_000;
/** What the browser then says of the page, and of the microphone. */
const INSECURE = "Object.defineProperty(window, 'isSecureContext', { value: false })";
const DENIED = `navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException('', 'NotAllowedError');
}`;
const options = { skip: NO_BROWSER, timeout: 90_000 };

let directory: string;
let stage: CallStage;
let browser: Browser;

before(async () => {
  if (NO_BROWSER) return;
  directory = await mkdtemp(join(tmpdir(), 'softphone-'));
  stage = await CallStage.set();
  browser = await openBrowser({ microphone: await microphoneFile() });
});
after(async () => {
  await browser?.close();
  await stage?.close();
  if (directory) await rm(directory, { recursive: true, force: true });
});

/** Silence, the line, silence. */
async function microphoneFile(): Promise<string> {
  const voice = await EmbeddedVoice.start();
  const recordings = await recordLines(voice, [{ id: 'hours', says: [LINE] }]);
  await voice.close();
  const spoken = resample(decodeMulaw(recordings.get('hours')!.mulaw), 8000, CARD_HZ);
  const start = (BEFORE_MS * CARD_HZ) / 1000;
  const samples = new Int16Array(start + spoken.length + 60 * CARD_HZ);
  samples.set(spoken, start);
  const file = join(directory, 'microphone.wav');
  await writeFile(file, writeWav({ sampleRateHz: CARD_HZ, channels: 1, samples }));
  return file;
}

/** What goes wrong in the page itself fails the test. */
async function softphone(
  t: TestContext,
  prepare?: (page: Page) => Promise<unknown>,
): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  t.after(async () => {
    await page.close();
    assert.deepEqual(errors, []);
  });
  await prepare?.(page);
  await page.goto(`${stage.stage.orchestrator.url}/visualiser/#softphone`);
  return page;
}

const screen = (page: Page) => page.locator('.set-screen');
const button = (page: Page) => page.locator('.call-button');
const state = (page: Page) => page.locator('.softphone .badge.state');

test(
  'a call from the browser is heard, answered, ended and kept as a recording',
  options,
  async (t) => {
    const page = await softphone(t);
    await button(page).click();
    const turns = page.locator('.talk-turn');
    await turns.nth(2).waitFor();
    assert.equal(await turns.nth(0).textContent(), 'AgentHello, this is the restaurant.');
    await page.locator('.talk-turn.caller', { hasText: LINE }).waitFor();
    // It grows as it is heard; listening, the whole of it has been.
    await state(page).getByText('listening · waiting').waitFor();
    assert.match((await turns.nth(2).textContent()) ?? '', /^AgentYou said: /);
    await page.keyboard.press('5');
    await state(page).getByText('hearing').waitFor();

    await button(page).click();
    await screen(page).getByText('Outcome: completed.').waitFor();
    const coming = page.waitForEvent('download');
    await page.locator('.scenario a').click();
    const download = await coming;
    const file = join(directory, download.suggestedFilename());
    await download.saveAs(file);
    const command = await page.locator('.scenario pre').textContent();
    assert.ok(command?.includes(`--say ${download.suggestedFilename()}`), command ?? '');
    assert.ok(readRecording(file).length > 8 * 1000, 'expected more than a second of speech');
    await stage.assertAtRest();
  },
);

test('what keeps a call from being made is said', options, async (t) => {
  const denied = await softphone(t, (page) => page.addInitScript({ content: DENIED }));
  await button(denied).click();
  await screen(denied).getByText('The microphone was denied.').waitFor();
  assert.equal(await button(denied).textContent(), 'Call');

  const insecure = await softphone(t, (page) => page.addInitScript({ content: INSECURE }));
  await screen(insecure).getByText('only to pages of https:// or localhost').waitFor();
  assert.ok(await button(insecure).isDisabled());

  const reason = 'no call can be taken now: the engine is not ready to answer';
  const refused = await softphone(t, (page) =>
    page.route('**/api/softphone', (route) =>
      route.fulfill({ status: 503, json: { error: reason } }),
    ),
  );
  await button(refused).click();
  await screen(refused).getByText(reason).waitFor();
});

test('a call that the server ends is over in the browser, too', options, async (t) => {
  const page = await softphone(t);
  await button(page).click();
  await state(page).getByText('greeting').waitFor();
  assert.ok(await page.locator('.keypad button').first().isEnabled());
  await stage.stage.orchestrator.calls.drain(0);
  await screen(page).getByText('The agent ended the call.').waitFor();
  assert.ok(await page.locator('.keypad button').first().isDisabled());
});
