/** A scene through what a live call hears with: echo guard, worker, rounding, turn policy. */
import { decodeMulaw } from '../audio/mulaw.ts';
import { EchoGuard } from '../turns/echo-guard.ts';
import { roundWindow } from '../turns/packed-windows.ts';
import type { TurnThresholds } from '../turns/thresholds.ts';
import { TurnPolicy } from '../turns/turn-policy.ts';
import type { SpeechWindow, VoiceActivity } from '../turns/voice-activity.ts';
import { WINDOW_SAMPLES } from '../turns/window-size.ts';
import { type Scene, SceneLine } from './barge-in-scene.ts';

export interface SceneOutcome {
  scene: Scene;
  /** When the agent was stopped, and what came of it, in the line's time. */
  stops: { atMs: number; outcome?: 'interrupted' | 'ignored'; decidedAtMs?: number }[];
  /** How long the agent spoke. */
  spokenMs: number;
  /** Undefined where no echo was found. */
  delayMs: number | undefined;
  /** On this thread, for one window of 32 ms, in the mean. */
  guardUs: number;
}

/** @param guarded false: as if nothing were known of what we play */
export async function runScene(
  activity: VoiceActivity,
  scene: Scene,
  thresholds: TurnThresholds,
  guarded: boolean,
): Promise<SceneOutcome> {
  const windows = new WindowStream(activity);
  const guard = new EchoGuard((samples) => windows.push(samples));
  const line = new SceneLine(scene);
  const policy = new TurnPolicy(thresholds);
  policy.attend('speaking');
  const outcome: SceneOutcome = { scene, stops: [], spokenMs: 0, delayMs: undefined, guardUs: 0 };
  let guardMs = 0;
  let heard = 0;
  let isStopped = false;
  for (let atMs = 0; atMs < line.durationMs && !isOver(outcome); atMs += FRAME_MS) {
    if (!isStopped) outcome.spokenMs += FRAME_MS;
    for (const message of line.send()) if (guarded) guard.sent(message);
    const samples = decodeMulaw(line.next());
    const before = performance.now();
    guard.hear(samples);
    guardMs += performance.now() - before;
    heard += samples.length;
    while (windows.answered < Math.floor(heard / WINDOW_SAMPLES)) {
      const window = await windows.next();
      const echo = guard.echoAt(window.endMs);
      for (const { type } of policy.push(roundWindow({ ...window, echo }))) {
        const last = outcome.stops.at(-1);
        if (type === 'spoke') {
          outcome.stops.push({ atMs: window.endMs });
          policy.attend('interrupted');
          line.stop();
          guard.cleared();
          isStopped = true;
        } else if (last && (type === 'interrupted' || type === 'ignored')) {
          outcome.stops.splice(-1, 1, { ...last, outcome: type, decidedAtMs: window.endMs });
          policy.attend('speaking');
          line.resume();
          isStopped = false;
        }
      }
    }
  }
  windows.close();
  return { ...outcome, delayMs: guard.delayMs, guardUs: (guardMs * 1000 * WINDOW_SAMPLES) / heard };
}

/** A caller has been heard and it is decided what that was. */
function isOver({ scene, stops }: SceneOutcome): boolean {
  const { speech } = scene;
  return speech !== undefined && stops.some((stop) => stop.outcome && stop.atMs >= speech.startMs);
}

/** One window at a time, so that what follows from it comes before the next. */
class WindowStream {
  readonly #stream;
  readonly #windows: SpeechWindow[] = [];
  #waiting: PromiseWithResolvers<SpeechWindow> | undefined;
  answered = 0;

  constructor(activity: VoiceActivity) {
    this.#stream = activity.open(
      (window) => {
        this.#windows.push(window);
        this.#settle();
      },
      (error) => this.#waiting?.reject(error),
    );
  }

  push(samples: Int16Array): void {
    this.#stream.push(samples);
  }

  /** @throws when it does not come within 5 s, or voice activity has failed */
  async next(): Promise<SpeechWindow> {
    this.#waiting = Promise.withResolvers<SpeechWindow>();
    const { promise, reject } = this.#waiting;
    const late = new Error(`expected a window within ${ANSWER_LIMIT_MS} ms`);
    const timer = setTimeout(() => reject(late), ANSWER_LIMIT_MS);
    this.#settle();
    return promise.finally(() => clearTimeout(timer));
  }

  close(): void {
    this.#stream.close();
  }

  #settle(): void {
    const window = this.#waiting && this.#windows.shift();
    if (!window) return;
    this.#waiting?.resolve(window);
    this.#waiting = undefined;
    this.answered++;
  }
}

const FRAME_MS = 20;
const ANSWER_LIMIT_MS = 5000;
