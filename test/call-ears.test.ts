import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { TurnModel } from '../src/turns/turn-model.ts';
import { TurnPolicy } from '../src/turns/turn-policy.ts';
import { mulawOf, sine, speechLike } from './support/speech-like.ts';
import { SteeredEars } from './support/steered-ears.ts';
import { VirtualClock } from './support/virtual-clock.ts';

let clock: VirtualClock;
let caller: SteeredEars;
beforeEach(() => {
  clock = new VirtualClock().install();
  caller = new SteeredEars(clock);
});
afterEach(() => clock.uninstall());

/** How much of this sound is speech, by its value. */
function speechMs(mulaw: Uint8Array, value = 0x10): number {
  return mulaw.filter((byte) => byte === value).length / 8;
}

describe('a spoken turn', () => {
  test('is told from its onset to its end, with its audio and the moments of both', async () => {
    caller.ears.attend('listening', '');
    await caller.pause(1000);
    const beganAt = clock.nowMs;
    await caller.speak(800);
    const endedAt = clock.nowMs;
    await caller.pause(1000);
    const [spoke, paused, finished] = caller.told;
    assert.equal(caller.told.length, 3);
    assert.ok(spoke?.type === 'spoke' && Math.abs(spoke.onsetAt - beganAt) <= 64);
    assert.equal(paused?.type, 'paused');
    assert.ok(finished?.type === 'finished' && Math.abs(finished.speechEndAt - endedAt) <= 64);
    const audio = caller.ears.turnAudio();
    assert.equal(speechMs(audio), 800);
    assert.ok(audio.length / 8 < 800 + 300 + 200 + 64, 'expected a short pre-roll and tail');
  });

  test('has the same audio at a pause and at its end, whatever comes in between', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.pause(160);
    assert.deepEqual(caller.takeTold(), ['spoke', 'paused']);
    const atPause = caller.ears.turnAudio();
    await caller.pause(128);
    assert.equal(caller.ears.turnAudio(), atPause, 'expected the very same copy');
    await caller.speak(32);
    await caller.pause(700);
    assert.deepEqual(caller.takeTold(), ['finished']);
    assert.deepEqual(caller.ears.turnAudio(), atPause);
  });

  test('is waited for in its pauses, where each window may be the one that ends it', async () => {
    caller.ears.attend('listening', '');
    const awaited: boolean[] = [];
    const note = () => awaited.push(caller.isAwaited);
    for (const step of [
      () => caller.pause(320),
      () => caller.speak(800),
      () => caller.pause(256),
      () => caller.speak(640),
      () => caller.pause(256),
      () => caller.pause(700),
    ]) {
      await step();
      note();
    }
    assert.deepEqual(caller.takeTold(), ['spoke', 'paused', 'resumed', 'paused', 'finished']);
    assert.deepEqual(awaited, [false, false, true, false, true, false]);
  });

  test('goes on after a pause with all that was said in it', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.pause(256);
    await caller.speak(640, 0x20);
    assert.deepEqual(caller.takeTold(), ['spoke', 'paused', 'resumed']);
    const audio = caller.ears.turnAudio();
    assert.deepEqual(
      [speechMs(audio), speechMs(audio, 0x20), speechMs(audio, 0xff)],
      [800, 640, 256],
    );
  });

  test('says when the sound came in by which it was judged over', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.pause(1000);
    const finished = caller.told.at(-1);
    assert.ok(finished?.type === 'finished' && finished.heardAt !== undefined);
    const silenceMs = finished.heardAt - finished.speechEndAt;
    assert.ok(silenceMs > 300 && silenceMs < 700, `${silenceMs} ms`);
  });

  test('is not told while nobody attends, but its audio is there when somebody does', async () => {
    await caller.speak(608);
    await caller.pause(700);
    assert.deepEqual(caller.takeTold(), []);
    assert.equal(speechMs(caller.ears.turnAudio()), 608);
    caller.ears.attend('listening', '');
    caller.ears.rest();
    await caller.speak(600);
    await caller.pause(700);
    assert.deepEqual(caller.takeTold(), []);
  });

  test('leaves its audio as it was when a cough follows it', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.pause(700);
    assert.deepEqual(caller.takeTold(), ['spoke', 'paused', 'finished']);
    const asked = caller.ears.turnAudio();
    caller.ears.attend('thinking', '');
    await caller.speak(64, 0x20);
    await caller.pause(600);
    assert.deepEqual(caller.takeTold(), ['spoke', 'ignored']);
    assert.deepEqual(caller.ears.turnAudio(), asked);
  });

  test('is continued, not begun anew, when the caller goes on before the answer', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.pause(700);
    caller.ears.attend('thinking', '');
    await caller.speak(500, 0x20);
    await caller.pause(700);
    assert.deepEqual(caller.takeTold(), [
      'spoke',
      'paused',
      'finished',
      'spoke',
      'paused',
      'finished',
    ]);
    const audio = caller.ears.turnAudio();
    assert.deepEqual([speechMs(audio), speechMs(audio, 0x20)], [800, 512]);
  });

  test('begins with nothing of the one before once that has been answered', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.pause(700);
    caller.ears.forgetTurn();
    assert.equal(caller.ears.turnAudio().length, 0);
    await caller.pause(1000);
    await caller.speak(500, 0x20);
    await caller.pause(700);
    const audio = caller.ears.turnAudio();
    assert.deepEqual([speechMs(audio), speechMs(audio, 0x20)], [0, 512]);
  });

  test('that was only a cough is forgotten', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(64);
    await caller.pause(700);
    assert.deepEqual(caller.takeTold(), ['spoke', 'ignored']);
    assert.equal(caller.ears.turnAudio().length, 0);
  });

  test('over the agent is an interruption with all of its audio', async () => {
    caller = new SteeredEars(clock, ({ type }) => {
      if (type === 'spoke') caller.ears.attend('interrupted', '');
      if (type === 'interrupted') caller.ears.attend('listening', '');
    });
    caller.ears.attend('speaking', '');
    await caller.speak(1200);
    await caller.pause(700);
    assert.deepEqual(caller.takeTold(), ['spoke', 'interrupted', 'paused', 'finished']);
    assert.ok(speechMs(caller.ears.turnAudio()) >= 1200);
  });
});

describe('a keypad entry', () => {
  const enter = async (keys: string, gapMs = 300) => {
    for (const key of keys) {
      caller.ears.press(key);
      await clock.advance(gapMs);
    }
  };
  const finishes = () => caller.takeTold().filter((type) => type === 'finished').length;

  test('is ended by #, which is no part of it', async () => {
    caller.ears.attend('listening', '');
    await enter('42#');
    assert.equal(caller.told[0]?.type, 'spoke');
    assert.equal(finishes(), 1);
    assert.equal(caller.ears.turnDigits, '42');
    await clock.advance(5000);
    assert.equal(finishes(), 0);
  });

  test('is ended by two seconds without a key', async () => {
    caller.ears.attend('listening', '');
    await enter('170', 1900);
    assert.equal(finishes(), 0);
    await clock.advance(100);
    assert.equal(finishes(), 1);
    assert.equal(caller.ears.turnDigits, '170');
  });

  test('that begins with 0 asks for a person at once', async () => {
    caller.ears.attend('listening', 'How can I help you?');
    caller.ears.press('0');
    assert.deepEqual(caller.takeTold(), ['askedForPerson']);
    assert.equal(caller.ears.turnDigits, '');
  });

  test('may begin with 0 where a number was asked for', async () => {
    caller.ears.attend('listening', 'What is your phone number?');
    await enter('0305#');
    assert.equal(caller.ears.turnDigits, '0305');
    assert.ok(!caller.takeTold().includes('askedForPerson'));
  });

  test('may begin with 0 in a language whose questions are not understood', async () => {
    caller.ears.attend('listening', 'Wie ist Ihre Telefonnummer?', 'de');
    await enter('030#');
    assert.equal(caller.ears.turnDigits, '030');
  });

  test('of nothing but 0 asks for a person, once no key follows', async () => {
    caller.ears.attend('listening', 'What is your phone number?');
    await enter('0', 1900);
    assert.ok(!caller.takeTold().includes('askedForPerson'));
    await clock.advance(100);
    assert.deepEqual(caller.takeTold(), ['askedForPerson']);
  });

  test('of nothing but # is none: the call is not told to wait for its end', async () => {
    caller.ears.attend('listening', '');
    await enter('#');
    await clock.advance(3000);
    assert.deepEqual(caller.takeTold(), []);
  });

  test('interrupts the agent at once', async () => {
    caller = new SteeredEars(clock, ({ type }) => {
      if (type === 'spoke') caller.ears.attend('interrupted', '');
      if (type === 'interrupted') caller.ears.attend('listening', '');
    });
    caller.ears.attend('speaking', '');
    await enter('4');
    assert.deepEqual(caller.takeTold(), ['spoke', 'interrupted']);
    await enter('2#');
    assert.equal(finishes(), 1);
    assert.equal(caller.ears.turnDigits, '42');
  });

  test('goes on when a key comes after its end, before the answer', async () => {
    caller.ears.attend('listening', '');
    await enter('42#');
    caller.ears.attend('thinking', '');
    caller.takeTold();
    await enter('1');
    assert.deepEqual(caller.takeTold(), ['spoke'], 'expected the answer to be held back');
    await clock.advance(2000);
    assert.equal(finishes(), 1);
    assert.equal(caller.ears.turnDigits, '421');
  });

  test('goes on after a noise in the middle of it', async () => {
    caller.ears.attend('listening', '');
    await enter('4');
    await caller.speak(64);
    await caller.pause(600);
    assert.ok(!caller.takeTold().includes('ignored'), 'the call would wait for a new turn');
    await enter('2#');
    assert.equal(finishes(), 1);
    assert.equal(caller.ears.turnDigits, '42');
  });

  test('begins anew after an answer that failed', async () => {
    caller.ears.attend('listening', '');
    await enter('42#');
    caller.ears.attend('thinking', '');
    caller.ears.attend('speaking', ''); // the apology; nothing was answered
    caller.ears.attend('listening', '');
    caller.takeTold();
    await enter('42#');
    assert.equal(caller.told[0]?.type, 'spoke', 'expected the second entry to be told');
    assert.equal(finishes(), 1);
    assert.equal(caller.ears.turnDigits, '42');
  });

  test('is ended once only, by # and the pause after it', async () => {
    caller.ears.attend('listening', '');
    await enter('4##');
    await clock.advance(3000);
    assert.equal(finishes(), 1);
  });

  test('is not taken while nobody attends', async () => {
    await enter('42#');
    caller.ears.attend('listening', '');
    caller.ears.rest();
    await enter('42#');
    assert.deepEqual(caller.takeTold(), []);
    assert.equal(caller.ears.turnDigits, '');
  });

  test('of any length keeps no more than 32 keys', async () => {
    caller.ears.attend('listening', '');
    await enter('1'.repeat(500), 1);
    assert.equal(caller.ears.turnDigits.length, 32);
  });
});

describe('closed ears', () => {
  test('hold no timer and no stream, and tell nothing', async () => {
    caller.ears.attend('listening', '');
    caller.ears.press('4');
    caller.takeTold();
    caller.ears.close();
    assert.equal(clock.pending, 0);
    assert.equal(caller.isOpen, false);
    caller.ears.press('2');
    await caller.speak(500);
    await clock.advance(5000);
    assert.deepEqual(caller.takeTold(), []);
    assert.equal(clock.pending, 0);
  });

  test('a failure of voice activity is passed on', () => {
    caller.failActivity(new Error('expected a worker'));
    assert.equal(caller.failures.length, 1);
  });
});

describe('the trace of what was judged', () => {
  test('judged again, tells the same at the same places', async () => {
    caller.ears.attend('speaking', 'Is that right?');
    await caller.pause(500);
    await caller.speak(320);
    caller.ears.attend('interrupted', 'Is that right?');
    await caller.speak(700);
    caller.ears.attend('listening', 'Is that right?');
    await caller.pause(300);
    await caller.speak(200);
    await caller.pause(9000);
    caller.ears.close();
    const policy = new TurnPolicy();
    const expected: unknown[] = [];
    const again: unknown[] = [];
    for (const each of caller.traced) {
      if (typeof each === 'string') {
        expected.push(each);
        continue;
      }
      assert.deepEqual(again, expected);
      policy.attend(each.mode, each.expecting);
      for (const window of each.windows) {
        again.push(...policy.push(window).map(({ type }) => type));
      }
    }
    assert.deepEqual(again, expected);
    assert.deepEqual(again, ['spoke', 'interrupted', 'paused', 'resumed', 'paused', 'finished']);
  });

  test('has every window once, in pieces of at most 5 s', async () => {
    caller.ears.attend('listening', '');
    await caller.pause(12_000);
    caller.ears.close();
    const pieces = caller.traced.flatMap((each) => (typeof each === 'string' ? [] : [each]));
    const ends = pieces.flatMap(({ windows }) => windows.map(({ endMs }) => endMs));
    assert.deepEqual(
      ends,
      Array.from({ length: 375 }, (_, i) => (i + 1) * 32),
    );
    assert.ok(pieces.every(({ windows }) => windows.length <= 157));
  });

  test('says of a key that it was one, before what it causes', async () => {
    caller.ears.attend('listening', 'What is your telephone number?');
    caller.ears.press('5');
    await caller.pause(2500);
    const told = caller.traced.filter((each) => typeof each === 'string');
    assert.deepEqual(told, ['key', 'spoke', 'key', 'finished']);
  });
});

describe('what the network loses', () => {
  test('is no pause: a turn goes on after it, with something in its place', async () => {
    caller.ears.attend('listening', 'Is that right?');
    await caller.speak(800);
    await caller.lose(960);
    await caller.speak(800);
    assert.deepEqual(caller.takeTold(), ['spoke']);
    const audio = caller.ears.turnAudio();
    assert.ok(audio.length / 8 >= 800 + 960 + 800, `${audio.length / 8} ms`);
    await caller.pause(1500);
    assert.deepEqual(caller.takeTold(), ['paused', 'finished']);
  });

  test('is heard for a second at most', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.lose(8000);
    await caller.speak(800);
    const lengthMs = caller.ears.turnAudio().length / 8;
    assert.ok(lengthMs <= 300 + 800 + 1000 + 800, `${lengthMs} ms`);
  });

  test('and of what is not heard it is known that ours was played meanwhile', async (t) => {
    const skip = t.mock.method(caller.ears.echo, 'skip');
    await caller.lose(3000);
    const skipped = skip.mock.calls.reduce((sum, { arguments: [samples] }) => sum + samples, 0);
    assert.equal(skipped, 2000 * 8);
  });

  test('is on the records as lost, and judged again it decides nothing', async () => {
    caller.ears.attend('listening', 'Is that right?');
    await caller.speak(800);
    await caller.lose(960);
    await caller.pause(3000);
    caller.ears.close();
    const windows = caller.traced.flatMap((each) => (typeof each === 'string' ? [] : each.windows));
    assert.equal(windows.filter(({ kind }) => kind === 'lost').length, 30);
    const policy = new TurnPolicy();
    policy.attend('listening', 'yesNo');
    const again = windows.flatMap((window) => policy.push(window).map(({ type }) => type));
    assert.deepEqual(
      again,
      caller.traced.filter((each) => typeof each === 'string'),
    );
  });
});

describe('a turn that an answer was asked for before it had ended', () => {
  test('has reached its limit: it is told so once, and then its end', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(3000);
    caller.ears.attend('thinking', '');
    assert.deepEqual(caller.takeTold(), ['spoke', 'limited']);
    await caller.speak(500);
    caller.ears.attend('thinking', '');
    assert.deepEqual(caller.takeTold(), []);
    await caller.pause(2500);
    assert.deepEqual(caller.takeTold(), ['paused', 'finished'], 'its end is still heard');
  });

  test('is followed by two of its kind: nobody is there', async () => {
    for (const told of [
      ['spoke', 'limited'],
      ['spoke', 'limited'],
      ['spoke', 'limited', 'unattended'],
    ]) {
      caller.ears.attend('listening', '');
      await caller.speak(3000);
      caller.ears.attend('thinking', '');
      assert.deepEqual(caller.takeTold(), told);
      await caller.speak(500);
      caller.ears.attend('speaking', '');
    }
  });

  test('keeps no more of its sound than the last 30 s', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(90_000);
    assert.ok(caller.ears.turnAudio().length <= 30_000 * 8);
  });
});

describe('a recording', () => {
  const announcement = mulawOf(speechLike(1, 6016));

  test('that comes again and again is answered twice, then ignored, then left', async () => {
    const told: string[][] = [];
    for (let i = 0; i < 4; i++) {
      caller.ears.attend('listening', '');
      await caller.play(announcement, true);
      await caller.pause(3000);
      told.push(caller.takeTold());
      if (told.at(-1)!.includes('finished')) caller.ears.forgetTurn();
    }
    assert.deepEqual(told, [
      ['spoke', 'paused', 'finished'],
      ['spoke', 'paused', 'finished'],
      ['spoke', 'paused', 'ignored'],
      ['spoke', 'paused', 'ignored', 'unattended'],
    ]);
  });

  test('is judged again from the records as it was', async () => {
    for (let i = 0; i < 4; i++) {
      caller.ears.attend('listening', '');
      await caller.play(announcement, true);
      await caller.pause(3000);
      caller.ears.forgetTurn();
    }
    caller.ears.close();
    const policy = new TurnPolicy();
    policy.attend('listening', 'open');
    const windows = caller.traced.flatMap((each) => (typeof each === 'string' ? [] : each.windows));
    const again = windows.flatMap((window) => policy.push(window).map(({ type }) => type));
    const told = caller.traced.filter((each) => typeof each === 'string');
    assert.deepEqual([...again, 'unattended'], told);
    assert.equal(again.filter((type) => type === 'ignored').length, 2);
  });

  test('of an answering machine is told where we have called, and nowhere else', async () => {
    for (const outbound of [true, false]) {
      const callee = new SteeredEars(clock, () => {}, { outbound });
      callee.ears.attend('listening', '');
      await callee.play(mulawOf(speechLike(4, 4000)), true);
      await callee.pause(600);
      await callee.play(mulawOf(sine(1000, 512)), false);
      await callee.pause(2000);
      const machines = callee.takeTold().filter((type) => type === 'answeredByMachine');
      assert.equal(machines.length, outbound ? 1 : 0);
      callee.ears.close();
    }
  });
});

describe('a turn model', () => {
  test('is asked at a pause with the turn so far, and its answer moves the end of the turn', async () => {
    const asked: number[] = [];
    const model = answering(0.02, (turn) => asked.push(turn.length));
    const slow = new SteeredEars(clock, () => {}, { turnModel: model });
    slow.ears.attend('listening', '');
    await slow.speak(800);
    await slow.pause(1000);
    assert.deepEqual(slow.takeTold(), ['spoke', 'paused']);
    await slow.pause(1400);
    const [finished] = slow.told;
    assert.ok(finished?.type === 'finished' && finished.reason.endsWith('turn model 0.02 ×4.0'));
    assert.equal(asked.length, 1);
    assert.ok(asked[0]! >= 800 * 8, 'expected the whole turn');
    assert.ok(slow.traced.includes('believed 0.02'), 'expected it in the records');
  });

  test('that answers when the caller has gone on is not listened to', async () => {
    const answer = Promise.withResolvers<number>();
    const answers = [answer.promise];
    const model = { judge: async () => answers.shift(), close: async () => {} };
    const late = new SteeredEars(clock, () => {}, { turnModel: model });
    late.ears.attend('listening', '');
    await late.speak(800);
    await late.pause(200);
    await late.speak(200);
    answer.resolve(0);
    await late.pause(700);
    assert.deepEqual(late.takeTold(), ['spoke', 'paused', 'resumed', 'paused', 'finished']);
  });

  test('is not asked while nobody attends', async () => {
    const model = answering(0.5, () => assert.fail('asked'));
    const quiet = new SteeredEars(clock, () => {}, { turnModel: model });
    await quiet.speak(800);
    await quiet.pause(1000);
  });

  function answering(complete: number, onAsked: (turn: Int16Array) => void): TurnModel {
    return {
      judge: async (turn) => {
        onAsked(turn);
        return complete;
      },
      close: async () => {},
    };
  }
});

describe('the reason for the end of a turn', () => {
  test('is told, and stands in the records with the window that decided', async () => {
    caller.ears.attend('listening', '');
    await caller.speak(800);
    await caller.pause(700);
    const finished = caller.told.at(-1);
    assert.ok(finished?.type === 'finished' && finished.reason === 'open: 520 ms of silence');
    const rows = caller.traced.filter((each) => typeof each === 'object');
    assert.equal(rows.at(-1)?.reason, finished.reason);
    assert.ok(rows.slice(0, -1).every(({ reason }) => reason === undefined));
  });
});

test('ten keys are a telephone number where one was asked for: the entry ends a second after the last', async () => {
  caller.ears.attend('listening', 'What is your phone number?');
  for (const key of '0151234567') caller.ears.press(key);
  caller.takeTold();
  await clock.advance(900);
  assert.deepEqual(caller.takeTold(), []);
  await clock.advance(200);
  assert.deepEqual(caller.takeTold(), ['finished']);
  assert.equal(caller.ears.turnDigits, '0151234567');
});
