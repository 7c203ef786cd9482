import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReplayArguments } from '../src/replay/replay-arguments.ts';
import { recordedSyntheticCall } from './support/recorded-synthetic-call.ts';
import { runCommand } from './support/run-command.ts';
import { SyntheticCall } from './support/synthetic-call.ts';
import { wholeCall, withPayload } from './support/whole-synthetic-call.ts';

const REPLAY = 'src/replay.ts';

test('the replay command says that there is no difference, and for a program gives each step', async (t) => {
  const env = await recordedSyntheticCall(t, wholeCall(), 'completed');
  const [text, json] = await Promise.all([
    runCommand([REPLAY, 'CA1'], env),
    runCommand([REPLAY, 'CA1', '--json'], env),
  ]);
  assert.deepEqual(text, {
    code: 0,
    stdout:
      'CA1: 22 events replayed, to ended at 24.672 s\n' +
      'no difference in states, timings or words\n',
    stderr: '',
  });
  const { steps, ...rest } = JSON.parse(json.stdout);
  assert.deepEqual(rest, { callSid: 'CA1' });
  assert.deepEqual(
    [steps.length, steps[0].event, steps[0].path],
    [22, 'line.started', 'conversation.greeting'],
  );
});

test('the replay command ends with 1 at the first difference, and tells what was said there', async (t) => {
  const { events } = wholeCall();
  const greeting = events.find(({ type }) => type === 'agent.told');
  const changed = withPayload(events, greeting?.seq ?? 0, { command: 'play', clip: 'reprompt' });
  const { code, stdout } = await runCommand(
    [REPLAY, 'CA1'],
    await recordedSyntheticCall(t, { events: changed }, 'completed'),
  );
  assert.equal(code, 1);
  assert.match(
    stdout,
    /\nfirst difference: row 2, 0\.000 s, words: recorded agent: play reprompt; replayed agent: play greeting\nwhat the agent said there: "Good evening\."\n$/,
  );
});

test('the replay command answers what would have been', async (t) => {
  const env = await recordedSyntheticCall(t, wholeCall(), 'completed');
  const set = ['--set', 'endpointing.silenceMs=300'];
  const [text, json] = await Promise.all([
    runCommand([REPLAY, 'CA1', ...set], env),
    runCommand([REPLAY, 'CA1', ...set, '--json'], env),
  ]);
  assert.equal(text.code, 0);
  assert.match(text.stdout, /^CA1 with endpointing\.silenceMs=300\n/);
  assert.match(text.stdout, /\nto 3\.9 s +- +320 ms +- +- +cut in\n/);
  assert.match(
    text.stdout,
    /\ncut-ins +recorded 0, replayed 1\noutcome +recorded completed, replayed \w+\n/,
  );
  assert.match(text.stdout, /\nWhat is modelled:\n +The caller is as recorded/);
  const result = JSON.parse(json.stdout);
  assert.deepEqual(result.cutIns, { recorded: 0, replayed: 1 });
  assert.deepEqual(result.settings, ['endpointing.silenceMs=300']);
});

test('the replay command ends with 2 where it has no call, or cannot know what is asked', async (t) => {
  const call = new SyntheticCall().send('line.started', 'caller.hungUp');
  const env = await recordedSyntheticCall(t, call, 'abandoned');
  const [unknown, deaf, nowhere, unnamed] = await Promise.all([
    runCommand([REPLAY, 'CA2'], env),
    runCommand([REPLAY, 'CA1', '--set', 'endpointing.pauseMs=1'], env),
    runCommand([REPLAY, 'CA1'], { DATA_DIRECTORY: 'not-there' }),
    runCommand([REPLAY], env),
  ]);
  assert.deepEqual(
    [unknown, deaf, nowhere, unnamed].map(({ code, stdout }) => [code, stdout]),
    Array(4).fill([2, '']),
  );
  assert.match(unknown.stderr, /expected the CallSid of a recorded call, got "CA2"/);
  assert.match(deaf.stderr, /recorded without its voice activity/);
  assert.match(nowhere.stderr, /calls\.sqlite/);
  assert.match(unnamed.stderr, /expected one CallSid, got 0\n\nnpm run replay/);
});

test('the arguments of a replay are one call and any number of settings', () => {
  assert.deepEqual(readReplayArguments(['CA1', '--set', 'a=1', '--set=b=2', '--json']), {
    callSid: 'CA1',
    settings: ['a=1', 'b=2'],
    json: true,
  });
  assert.throws(() => readReplayArguments(['CA1', 'CA2']), /expected one CallSid, got 2/);
  assert.throws(() => readReplayArguments(['CA1', '--fast']), /--fast.*\n\nnpm run replay/s);
});
