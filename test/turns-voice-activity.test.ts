import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freshMemory, SileroModel } from '../src/turns/silero-model.ts';
import {
  type InferenceThread,
  type SileroBatch,
  SileroThread,
} from '../src/turns/silero-thread.ts';
import {
  SILERO_MODEL_PATH,
  SileroVoiceActivity,
  type SpeechWindow,
  startVoiceActivity,
  type VoiceActivity,
} from '../src/turns/voice-activity.ts';
import { MAX_WINDOWS } from '../src/turns/window-queue.ts';
import { WINDOW_SAMPLES } from '../src/turns/window-size.ts';

describe('the Silero model', () => {
  it('gives each stream of a batch what it would have got alone', async () => {
    const model = await SileroModel.load(SILERO_MODEL_PATH);
    const streams = [buzz(90), buzz(210), new Int16Array(WINDOW_SAMPLES * 12), buzz(140)];
    const alone = [];
    for (const samples of streams) {
      const memory = freshMemory();
      const probabilities = [];
      for (let i = 0; i < 12; i++)
        probabilities.push((await model.run(windowOf(samples, i), [memory]))[0]!);
      alone.push(probabilities);
    }
    const memories = streams.map(freshMemory);
    for (let i = 0; i < 12; i++) {
      const windows = new Int16Array(streams.length * WINDOW_SAMPLES);
      streams.forEach((samples, row) => {
        windows.set(windowOf(samples, i), row * WINDOW_SAMPLES);
      });
      const together = await model.run(windows, memories);
      for (const [row, probability] of together.entries()) {
        assert.ok(Math.abs(probability - alone[row]![i]!) < 1e-5, `stream ${row}, window ${i}`);
      }
    }
    assert.ok(new Set(alone.flat().map((p) => p.toFixed(4))).size > 10, 'the streams differ');
  });

  it('is given its context: the same window after another past has another result', async () => {
    const model = await SileroModel.load(SILERO_MODEL_PATH);
    const [plain, changed] = [freshMemory(), freshMemory()];
    changed.context.fill(0.3);
    const window = windowOf(buzz(120), 0);
    const [a, b] = [await model.run(window, [plain]), await model.run(window, [changed])];
    assert.notEqual(a[0], b[0]);
  });

  it('refuses windows that do not fit the streams', async () => {
    const model = await SileroModel.load(SILERO_MODEL_PATH);
    await assert.rejects(
      model.run(new Int16Array(100), [freshMemory()]),
      /expected 1 windows of 256/,
    );
  });
});

describe('voice activity in its worker', () => {
  it('answers several streams, each in order and on its own timeline, whatever the frames', async () => {
    const activity = await startVoiceActivity();
    try {
      const frames = [160, 7, 999];
      const heard = await Promise.all(frames.map((frame) => hear(activity, buzz(130), frame)));
      for (const windows of heard) {
        assert.deepEqual(
          windows.map(({ endMs }) => endMs),
          Array.from({ length: 12 }, (_, i) => 32 * (i + 1)),
        );
        const difference = windows.map((window, i) =>
          Math.abs(window.probability - heard[0]![i]!.probability),
        );
        assert.ok(Math.max(...difference) < 1e-5);
        assert.ok(windows.every(({ levelDb }) => levelDb < 0 && levelDb > -30));
      }
      assert.equal(activity.openStreams, 0);
      assert.equal(activity.droppedWindows, 0);
    } finally {
      await activity.close();
    }
  });

  it('gives silence a level of -96 dBFS', async () => {
    const activity = await startVoiceActivity();
    try {
      const windows = await hear(activity, new Int16Array(WINDOW_SAMPLES), 160);
      assert.deepEqual(
        windows.map(({ levelDb }) => levelDb),
        [-96],
      );
    } finally {
      await activity.close();
    }
  });

  it('says which model could not be loaded, and leaves no thread behind', async () => {
    const modelPath = '/nowhere/silero.onnx';
    const failure = {
      name: 'VoiceActivityError',
      kind: 'load',
      message: /\/nowhere\/silero\.onnx/,
    };
    await assert.rejects(startVoiceActivity({ modelPath }), failure);
  });

  it('reports a failed inference once, and is dead from then on', async () => {
    const thread = await SileroThread.start(SILERO_MODEL_PATH);
    const bad: SileroBatch = { windows: new Int16Array(100), streamIds: [1] };
    await assert.rejects(thread.run(bad), { kind: 'died', message: /expected 1 windows of 256/ });
    const good: SileroBatch = { windows: new Int16Array(WINDOW_SAMPLES), streamIds: [1] };
    await assert.rejects(thread.run(good), { kind: 'died' });
    await thread.terminate();
  });

  it('refuses new streams after close, and is quiet about windows that come late', async () => {
    const activity = await startVoiceActivity();
    const windows: SpeechWindow[] = [];
    const stream = activity.open((window) => windows.push(window));
    stream.push(buzz(100));
    await activity.close();
    stream.push(buzz(100));
    assert.equal(windows.length, 0);
    assert.throws(() => activity.open(() => {}), { kind: 'closed' });
  });
});

describe('voice activity with a thread that we hold by the hand', () => {
  const window = new Int16Array(WINDOW_SAMPLES);

  it('sends a lone stream at once', () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    activity.open(() => {}).push(window);
    assert.equal(thread.batches.length, 1, 'in the same turn of the event loop');
  });

  it('sends the windows of all streams in one batch as soon as the last is due', async () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    const streams = Array.from({ length: 20 }, () => activity.open(() => {}));
    for (const stream of streams) stream.push(window);
    await thread.nextBatch();
    assert.deepEqual(
      thread.batches.map(({ streamIds }) => streamIds.length),
      [20],
    );
  });

  it('lets nobody wait for other streams where one is awaited, and takes with it what is due', async () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    const streams = Array.from({ length: 20 }, () => activity.open(() => {}));
    const [awaited, ...others] = streams as [(typeof streams)[0], ...typeof streams];
    awaited.hurry(true);
    for (const stream of others.slice(0, 4)) stream.push(window);
    assert.equal(thread.batches.length, 0);
    awaited.push(window);
    assert.deepEqual((await thread.nextBatch()).streamIds, [2, 3, 4, 5, 1]);
    thread.answer();
    await settled();
    awaited.push(window);
    assert.equal(thread.batches.length, 2, 'in the same turn of the event loop');
    assert.deepEqual((await thread.nextBatch()).streamIds, [1]);
    thread.answer();
    await settled();
    awaited.hurry(false);
    awaited.push(window);
    await settled();
    assert.equal(thread.batches.length, 2, 'like everybody else');
    assert.deepEqual((await thread.nextBatch()).streamIds, [1]);
  });

  it('never puts two windows of one stream in a batch', async () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    const ends: number[] = [];
    activity.open(({ endMs }) => ends.push(endMs)).push(new Int16Array(WINDOW_SAMPLES * 3));
    for (let i = 0; i < 3; i++) {
      assert.equal((await thread.nextBatch()).streamIds.length, 1);
      thread.answer();
    }
    await settled();
    assert.deepEqual(ends, [32, 64, 96]);
  });

  it('drops the oldest windows of a stream that is not served, counts them, keeps the time', async () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    const ends: number[] = [];
    const stream = activity.open(({ endMs }) => ends.push(endMs));
    stream.push(window);
    for (let i = 0; i < MAX_WINDOWS + 5; i++) stream.push(window);
    assert.equal(activity.droppedWindows, 5);
    for (let i = 0; i < 2; i++) {
      await thread.nextBatch();
      thread.answer();
    }
    await settled();
    assert.deepEqual(ends, [32, 32 * 7]);
    stream.close();
    assert.equal(activity.droppedWindows, 5, 'also after the stream is closed');
  });

  it('replaces a dead thread, and its streams go on', async () => {
    const [first, second] = [new HeldThread(), new HeldThread()];
    const activity = new SileroVoiceActivity(first, async () => second);
    const ends: number[] = [];
    const stream = activity.open(({ endMs }) => ends.push(endMs), assert.fail);
    stream.push(window);
    first.fail();
    stream.push(window);
    await second.nextBatch();
    second.answer();
    await settled();
    assert.deepEqual(ends, [64], 'the window that the first one died with is lost');
    assert.equal(activity.restarts, 1);
    assert.equal(activity.droppedWindows, 1);
    assert.ok(first.terminated);
  });

  it('tells every stream when it cannot be replaced, and opens no more', async () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    const failures: string[] = [];
    const streams = ['a', 'b'].map((name) =>
      activity.open(
        () => {},
        () => failures.push(name),
      ),
    );
    for (const stream of streams) stream.push(window);
    await thread.nextBatch();
    thread.fail();
    await settled();
    assert.deepEqual(failures, ['a', 'b']);
    assert.equal(activity.openStreams, 0);
    assert.throws(() => activity.open(() => {}), { kind: 'died' });
  });

  it('keeps the fault of one receiver from the others', async () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    const failures: Error[] = [];
    const ends: number[] = [];
    const broken = activity.open(
      () => {
        throw new Error('a fault of the call');
      },
      (error) => failures.push(error),
    );
    const sound = activity.open(({ endMs }) => ends.push(endMs));
    for (const stream of [broken, sound]) stream.push(window);
    await thread.nextBatch();
    thread.answer();
    await settled();
    assert.deepEqual(ends, [32]);
    assert.equal(failures.length, 1);
    assert.equal(activity.openStreams, 1);
  });

  it('frees the memory of a stream that closes, and delivers nothing to it', async () => {
    const thread = new HeldThread();
    const activity = new SileroVoiceActivity(thread, failToStart);
    const stream = activity.open(() => assert.fail('closed'));
    stream.push(window);
    stream.close();
    stream.close();
    thread.answer();
    await settled();
    assert.deepEqual(thread.forgotten, [1]);
  });
});

/** Answers when it is told to. */
class HeldThread implements InferenceThread {
  batches: SileroBatch[] = [];
  forgotten: number[] = [];
  terminated = false;
  #pending = Promise.withResolvers<Float32Array>();
  #arrived = Promise.withResolvers<SileroBatch>();

  run(batch: SileroBatch): Promise<Float32Array> {
    this.batches.push(batch);
    this.#pending = Promise.withResolvers();
    this.#arrived.resolve(batch);
    return this.#pending.promise;
  }

  async nextBatch(): Promise<SileroBatch> {
    const batch = await this.#arrived.promise;
    this.#arrived = Promise.withResolvers();
    return batch;
  }

  answer(): void {
    this.#pending.resolve(new Float32Array(3 * this.batches.at(-1)!.streamIds.length));
  }

  fail(): void {
    this.#pending.reject(new Error('the thread is dead'));
  }

  forget(streamId: number): void {
    this.forgotten.push(streamId);
  }

  async terminate(): Promise<void> {
    this.terminated = true;
  }
}

async function failToStart(): Promise<InferenceThread> {
  throw new Error('there is no other thread');
}

/** Promises that are already settled have run their course after this. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Twelve windows of a buzz with the harmonics of a voice, which the model finds interesting. */
function buzz(hz: number): Int16Array {
  return Int16Array.from({ length: WINDOW_SAMPLES * 12 }, (_, i) => {
    const phase = ((i * hz) / 8000) % 1;
    return Math.round(9000 * (1 - 2 * phase) * (1 + 0.5 * Math.sin(i / 700)));
  });
}

function windowOf(samples: Int16Array, index: number): Int16Array {
  return samples.subarray(index * WINDOW_SAMPLES, (index + 1) * WINDOW_SAMPLES);
}

/** Pushes all samples in frames of a size, and collects their windows. */
function hear(
  activity: VoiceActivity,
  samples: Int16Array,
  frame: number,
): Promise<SpeechWindow[]> {
  return new Promise((resolve, reject) => {
    const windows: SpeechWindow[] = [];
    const stream = activity.open((window) => {
      windows.push(window);
      if (windows.length < Math.floor(samples.length / WINDOW_SAMPLES)) return;
      stream.close();
      resolve(windows);
    }, reject);
    for (let at = 0; at < samples.length; at += frame)
      stream.push(samples.subarray(at, at + frame));
  });
}

it('a worker that is ended in the midst of an inference leaves the process alive', async () => {
  const streamIds = Array.from({ length: 64 }, (_, id) => id);
  for (let intoMs = 0; intoMs < 4; intoMs += 0.2) {
    const thread = await SileroThread.start(SILERO_MODEL_PATH);
    const batch = () => ({ windows: new Int16Array(64 * WINDOW_SAMPLES), streamIds });
    await thread.run(batch());
    const underWay = assert.rejects(thread.run(batch()), { kind: 'closed' });
    // This thread is busy meanwhile, so that the end comes at this very moment.
    const end = performance.now() + intoMs;
    while (performance.now() < end);
    await thread.terminate();
    await underWay;
  }
});
