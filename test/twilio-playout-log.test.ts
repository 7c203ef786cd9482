import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlayoutLog } from '../src/twilio/playout-log.ts';

test('a generation is told with its messages, its marks, and which of them came back', () => {
  const log = new PlayoutLog();
  log.begin(1000);
  log.sent(100, 1010, 0);
  log.sent(100, 1011, 0);
  log.marked('g1:200', 1011);
  log.sent(60, 1090, 3);
  log.marked('g1:end', 1090);
  log.echoed('g1:200', 1215);
  assert.deepEqual(log.end('cleared', { writtenMs: 900, heardMs: 210 }, 1250), {
    generation: 1,
    beganAt: 1000,
    endedAt: 1250,
    how: 'cleared',
    writtenMs: 900,
    heardMs: 210,
    sent: [
      [1010, 100, 0],
      [1011, 100, 0],
      [1090, 60, 3],
    ],
    marks: [
      [200, 1011, 1215],
      [260, 1090, null],
    ],
  });
});

test('a mark that comes back twice, or late, or was never sent, changes nothing', () => {
  const log = new PlayoutLog();
  log.echoed('g1:200', 5);
  log.begin(0);
  log.sent(200, 0, 0);
  log.marked('g1:200', 0);
  log.echoed('g1:200', 210);
  log.echoed('g1:200', 400);
  const first = log.end('echoed', { writtenMs: 200, heardMs: 200 }, 410);
  log.begin(500);
  log.echoed('g1:200', 510);
  log.sent(20, 520, 0);
  const second = log.end('echoed', { writtenMs: 20, heardMs: 20 }, 600);
  assert.deepEqual(first?.marks, [[200, 0, 210]]);
  assert.deepEqual(second?.marks, []);
  assert.equal(second?.generation, 2);
});

test('a generation without sound is not told, and none is told twice', () => {
  const log = new PlayoutLog();
  log.begin(0);
  assert.equal(log.end('cleared', { writtenMs: 0, heardMs: 0 }, 10), undefined);
  log.begin(20);
  log.sent(20, 20, 0);
  assert.ok(log.end('echoed', { writtenMs: 20, heardMs: 20 }, 60));
  assert.equal(log.end('cleared', { writtenMs: 20, heardMs: 20 }, 70), undefined);
});
