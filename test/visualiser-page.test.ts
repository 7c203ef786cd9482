import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { WholeCall } from '../src/journal/call-list.ts';
import { NO_BROWSER, openBrowser } from './support/browser.ts';
import { CallStage, LINES, type WatchedRun } from './support/call-stage.ts';
import { callRow, turnRow } from './support/journal-rows.ts';
import { written } from './support/recorded-call.ts';
import { ScriptedCalls } from './support/scripted-calls.ts';
import {
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from './support/steered-server.ts';
import { ViewerPage } from './support/viewer-page.ts';

const skip = NO_BROWSER ?? false;

describe('the page, with calls of the real server', { skip }, () => {
  let stage: CallStage;
  let browser: Browser;
  let url: string;
  /** Of a call that is over. */
  let callSid: string;
  before(async () => {
    stage = await CallStage.set({ env: { RECORD_CALLS: 'on' } });
    const { orchestrator } = stage.stage;
    url = orchestrator.url;
    const opened = openBrowser();
    const { report } = await stage.call(async (caller) => {
      await caller.reaches('conversation.listening.waiting');
      await caller.ask('table');
      await caller.hangUp();
    });
    callSid = report.callSid;
    await written(orchestrator);
    browser = await opened;
  });
  after(async () => {
    await browser?.close();
    await stage?.close();
  });

  test('a call is seen to move through its states, and afterwards stepped through', async () => {
    const viewer = await ViewerPage.open(browser, url, 'now');
    const litStates = await viewer.watchChart();
    const run = await stage.call(async (caller) => {
      await caller.reaches('conversation.listening.waiting');
      await caller.ask('table');
      await caller.ask('hours');
      await caller.hangUp();
    });
    const states = lasting(run);
    await viewer.page.locator('g.state.active.leaf[data-path=ended]').waitFor();
    assert.deepEqual(
      states.filter((state) => !run.states.includes(state)),
      [],
    );
    const lit = await litStates();
    assert.deepEqual(
      states.filter((state) => !lit.includes(state)),
      [],
      `expected each of these to have been lit, got ${lit}`,
    );

    await viewer.go(url, `past/${run.report.callSid}`);
    const scrubbed = await viewer.watchChart();
    const slider = viewer.page.getByRole('slider');
    await slider.waitFor();
    await slider.focus();
    for (let step = 0; step < 200; step++) {
      const before = await viewer.page.locator('.past-told').textContent();
      await viewer.page.keyboard.press('ArrowRight');
      if ((await viewer.page.locator('.past-told').textContent()) === before) break;
    }
    const shown = await scrubbed();
    assert.deepEqual(
      [...new Set(run.states)].filter((state) => !shown.includes(state)),
      [],
      `expected the scrubber to show each state, got ${shown}`,
    );
    viewer.assertDecent();
    await viewer.close();
  });

  test('one call is told by its lanes, its words and its response times', async () => {
    const viewer = await ViewerPage.open(browser, url, `call/${callSid}`);
    const { page } = viewer;
    await page.getByText(LINES.table, { exact: true }).waitFor();
    await page.locator('.lanes-picture').waitFor();
    const answered = await page.locator('.waterfall').textContent();
    assert.match(answered ?? '', /\d+ ms/);
    const played = await page.evaluate(
      `fetch('api/calls/${callSid}/recording', { headers: { range: 'bytes=0-43' } })
        .then(async (response) => [response.status, (await response.arrayBuffer()).byteLength])`,
    );
    assert.deepEqual(played, [206, 44]);
    viewer.assertDecent();
    await viewer.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every view is readable in ${colorScheme}, on a tablet too`, async () => {
      const size = { colorScheme, width: 1024, height: 768 };
      const viewer = await ViewerPage.open(browser, url, 'now', size);
      for (const [view, sign] of viewsOf(callSid)) {
        await viewer.go(url, view);
        await viewer.page.locator(sign).first().waitFor();
        assert.deepEqual(await viewer.faintTexts(), [], view);
        assert.equal(await overflow(viewer), 0, `expected no sideways scrolling in ${view}`);
      }
      viewer.assertDecent();
      await viewer.close();
    });
  }
});

describe('the page, with anything in the records', { skip }, () => {
  let server: SteeredServer;
  let browser: Browser;
  const rest = new SteeredProcess();
  before(async () => {
    rest.whole = hostileCall();
    server = await startSteeredServer(rest);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.app.close();
  });

  test('hostile words are shown as the text that they are', async () => {
    const viewer = await ViewerPage.open(browser, server.url, `call/${HOSTILE_SID}`);
    const { page } = viewer;
    await page.locator('.turn').first().waitFor();
    for (const text of SAID.slice(0, 4)) {
      assert.ok((await page.locator('.transcript').textContent())?.includes(text), text);
    }
    const shown = (await page.locator('.transcript').textContent()) ?? '';
    assert.ok(shown.includes('a table for two a table for two'));
    assert.equal(
      await page.locator('main img, main script, main a[href^="javascript"]').count(),
      0,
    );
    assert.equal(await page.title(), 'Calls');
    assert.equal(await overflow(viewer), 0, 'expected no sideways scrolling');
    viewer.assertDecent();
    await viewer.close();
  });

  test('two hundred live calls are listed, hostile words among theirs', async () => {
    const calls = new ScriptedCalls(rest.feed, 200);
    const viewer = await ViewerPage.open(browser, server.url, 'now');
    const { page } = viewer;
    await page.getByText('200 of 200').waitFor();
    await page.getByText('<img src=x onerror').first().waitFor();
    await page.getByRole('button', { name: 'All calls' }).click();
    const counts = page.locator('g.state > text.count:not(:empty)');
    await counts.first().waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    calls.close();
    viewer.assertDecent();
    await viewer.close();
  });

  test('with the keyboard alone, a call is chosen and opened', async () => {
    const calls = new ScriptedCalls(rest.feed, 3);
    const viewer = await ViewerPage.open(browser, server.url, 'now');
    const { page } = viewer;
    await page.locator('[role=row][data-session]').nth(2).waitFor();
    for (let step = 0; step < 30; step++) {
      await page.keyboard.press('Tab');
      const role = await page.evaluate('document.activeElement.getAttribute("role")');
      if (role === 'row') break;
    }
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(/#now\/CA[0-9a-f]{32}$/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/#call\/CA[0-9a-f]{32}$/);
    calls.close();
    await viewer.close();
  });
});

test('a stranger is asked for the token, and told when it is wrong', { skip }, async () => {
  const rest = new SteeredProcess();
  rest.access = 'token';
  rest.apiToken = 'the token of this test';
  const server = await startSteeredServer(rest);
  const browser = await openBrowser();
  try {
    const viewer = await ViewerPage.open(browser, server.url, 'now');
    const { page } = viewer;
    const enter = async (token: string) => {
      await page.getByRole('textbox', { name: 'Token' }).fill(token);
      await page.getByRole('button', { name: 'Go on' }).click();
    };
    await enter('a token that is wrong');
    await page.getByText('The server knows no such token.').waitFor();
    await enter(rest.apiToken);
    await page.getByText('live', { exact: true }).waitFor();
    assert.ok(!(await page.evaluate<string>('location.href')).includes('token'));
  } finally {
    await browser.close();
    await server.app.close();
  }
});

const IMAGE = '<img src=x onerror="document.title=1">';
const SCRIPT = '</p><script>document.title=2</script>';
const SAID = [
  IMAGE,
  SCRIPT,
  'אני רוצה שולחן \u202E gnp.exe',
  '👨‍👩‍👧‍👦 🇩🇪 Z̷͉a͜l̴g̵o̷',
  'a table for two '.repeat(6250),
];
const HOSTILE_SID = `CA${'e'.repeat(32)}`;
const JSON_FIELDS = { latencies: null, tool_calls: null, tags: [IMAGE], versions: null };

/** Each with what is there once it has been drawn. */
function viewsOf(callSid: string): [view: string, sign: string][] {
  return [
    ['now', '.calls-panel .empty'],
    ['calls', '.call-line'],
    [`call/${callSid}`, '.turn'],
    [`past/${callSid}`, '.moments'],
    ['analysis', '.tile'],
    ['softphone', '.call-button'],
  ];
}

function hostileCall(): WholeCall {
  return {
    call: {
      ...callRow({ call_sid: HOSTILE_SID, summary: IMAGE, outcome: 'completed' }),
      ...JSON_FIELDS,
    },
    turns: SAID.map((text, turn) => ({
      ...turnRow({ call_sid: HOSTILE_SID, turn, text, speaker: 'caller' }),
      cut: turn === 0 ? SCRIPT : null,
      latencies: null,
    })),
    events: [],
    messages: [],
    reservation: undefined,
  };
}

/** States that a person could see: the others are over within a frame. */
function lasting({ states }: WatchedRun): string[] {
  return [
    'conversation.greeting',
    'conversation.listening.waiting',
    'conversation.listening.hearing.talking',
    'conversation.listening.hearing.paused',
    'conversation.speaking',
    ...(states.includes('ended') ? ['ended'] : []),
  ];
}

/** By how many pixels the page is wider than its window. */
function overflow({ page }: ViewerPage): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}
