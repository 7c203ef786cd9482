import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heardGaps } from '../src/bench/heard-gaps.ts';
import { LoopWatch } from '../src/bench/loop-watch.ts';
import { perCall } from '../src/bench/memory.ts';
import { soundFigures } from '../src/bench/sound-figures.ts';

test('messages are late by what the pacer says, and gaps are where sound had run out', () => {
  const smooth = [
    [0, 100, 0],
    [0, 100, 0],
    [50, 100, 12],
  ] as const;
  const broken = [
    [1000, 100, 0],
    [1130, 100, 41],
    [1400, 60, 0],
  ] as const;
  assert.deepEqual(soundFigures([{ sent: [...smooth] }, { sent: [...broken] }]), {
    messages: 6,
    late: { p99: 41, max: 41 },
    messagesTooLate: 1,
    gaps: 2,
    longestGapMs: 170,
  });
});

test('no sound has no gap', () => {
  assert.equal(soundFigures([]).gaps, 0);
  assert.equal(soundFigures([{ sent: [] }]).longestGapMs, 0);
});

test('a caller hears a gap where more of the same generation comes after quiet', () => {
  const at = (atMs: number, type: 'media' | 'agentQuiet' | 'clear' | 'mark', name?: string) => ({
    atMs,
    type,
    ...(name && { name }),
  });
  assert.deepEqual(
    heardGaps([
      at(0, 'media'),
      at(100, 'agentQuiet'),
      at(130, 'media'),
      at(140, 'mark', 'g1:200'),
      at(230, 'agentQuiet'),
      at(235, 'media'),
      at(236, 'mark', 'g1:end'),
      // Between two generations nothing is missing, nor after what was cleared.
      at(335, 'agentQuiet'),
      at(900, 'media'),
      at(950, 'clear'),
      at(960, 'agentQuiet'),
      at(1500, 'media'),
    ]),
    [30, 5],
  );
});

test('each call weighs its share of what was added', () => {
  const empty = { heapKb: 1000, buffersKb: 100, rssKb: 50_000 };
  const full = { heapKb: 3000, buffersKb: 500, rssKb: 90_000 };
  assert.deepEqual(perCall(empty, full, 10), { heapKb: 200, buffersKb: 40, rssKb: 4000 });
});

test('a loop that is held up is seen to be late, by as long as it was', async () => {
  const loop = new LoopWatch();
  loop.start();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const until = performance.now() + 80;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 30));
  loop.stop();
  const { max, own, cpuShare } = loop.figures;
  assert.ok(max >= 60, `expected the hold-up to show, got ${max} ms`);
  if (own) {
    assert.ok(own.max <= max);
    assert.ok(cpuShare! > 0 && cpuShare! <= 1.05, `${cpuShare}`);
  }
});
