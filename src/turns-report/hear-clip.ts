/** Runs recordings through what a live call uses: mu-law, the worker, the rounding of the ears. */
import PQueue from 'p-queue';
import { decodeMulaw, encodeMulaw, SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { roundWindow } from '../turns/packed-windows.ts';
import type { SpeechWindow, VoiceActivity } from '../turns/voice-activity.ts';
import { WINDOW_SAMPLES } from '../turns/window-size.ts';
import { type LabelledClip, type Recordings, readClip } from './labelled-clips.ts';

export interface HeardClip {
  clip: LabelledClip;
  windows: SpeechWindow[];
}

/** As fast as the worker answers. In the order of the clips. */
export function hearClips({ folder, clips, activity }: Recordings): Promise<HeardClip[]> {
  const queue = new PQueue({ concurrency: CLIPS_AT_ONCE });
  return queue.addAll(
    clips.map((clip) => async () => {
      return { clip, windows: await hear(activity, telephoneAudio(readClip(folder, clip))) };
    }),
  );
}

/** The recording as the telephone would bring it, with silence after it, so that a turn can end. */
export function telephoneAudio(samples: Int16Array): Int16Array {
  const padded = new Int16Array(samples.length + (TRAILING_MS * SAMPLE_RATE_HZ) / 1000);
  padded.set(samples);
  return decodeMulaw(encodeMulaw(padded));
}

/** Sends the audio no faster than the answers come. */
export function hear(activity: VoiceActivity, samples: Int16Array): Promise<SpeechWindow[]> {
  return new Promise((resolve, reject) => {
    const windows: SpeechWindow[] = [];
    const expected = Math.floor(samples.length / WINDOW_SAMPLES);
    let sent = 0;
    const timer = setTimeout(
      () => reject(new Error(`expected ${expected} windows in ${CLIP_LIMIT_MS} ms`)),
      CLIP_LIMIT_MS,
    );
    const send = () => {
      const from = sent;
      sent = Math.min(expected, windows.length + WINDOWS_AHEAD);
      stream.push(samples.subarray(from * WINDOW_SAMPLES, sent * WINDOW_SAMPLES));
    };
    const stream = activity.open((window) => {
      windows.push(roundWindow(window));
      if (windows.length < expected) return send();
      clearTimeout(timer);
      stream.close();
      resolve(windows);
    }, reject);
    send();
  });
}

/** Longer than any silence that ends a turn. */
const TRAILING_MS = 2500;
const CLIPS_AT_ONCE = 16;
/** Windows sent ahead of their answers; the worker's queue drops the oldest beyond 32. */
const WINDOWS_AHEAD = 16;
const CLIP_LIMIT_MS = 120_000;
