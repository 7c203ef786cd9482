/** Whether the agent is stopped by its caller, and by nothing else: `npm run turns`. */
import PQueue from 'p-queue';
import type { TurnThresholds } from '../turns/thresholds.ts';
import type { VoiceActivity } from '../turns/voice-activity.ts';
import { runScene, type SceneOutcome } from './barge-in-run.ts';
import type { Scene } from './barge-in-scene.ts';
import { BACKCHANNELS, bargeInScenes } from './barge-in-scenes.ts';
import { rounded, total } from './figures.ts';
import type { Recordings } from './labelled-clips.ts';

/** Tables by their titles; none where the folder has no recordings for them. */
export async function bargeInTables(
  { folder, clips, activity }: Recordings,
  thresholds: TurnThresholds,
): Promise<Record<string, object[]>> {
  const scenes = bargeInScenes(folder, clips);
  if (scenes.length === 0) return {};
  const nobody = scenes.filter(({ speech }) => !speech);
  const outcomes = await runAll(activity, scenes, thresholds, true);
  const unguarded = await runAll(activity, nobody, thresholds, false);
  const [silent, spoken] = [outcomes.filter(hasNoCaller), outcomes.filter(hasCaller)];
  return {
    'false stops while the agent speaks': falseStopRows(silent, unguarded),
    'interruptions: loudness of the caller, echo': interruptionRows(spoken),
    'short sounds over the agent': shortRows(spoken),
    'the echo guard': guardRows(outcomes),
  };
}

function runAll(
  activity: VoiceActivity,
  scenes: readonly Scene[],
  thresholds: TurnThresholds,
  guarded: boolean,
): Promise<SceneOutcome[]> {
  const queue = new PQueue({ concurrency: SCENES_AT_ONCE });
  return queue.addAll(scenes.map((scene) => () => runScene(activity, scene, thresholds, guarded)));
}

function hasCaller({ scene }: SceneOutcome): boolean {
  return scene.speech !== undefined;
}

function hasNoCaller(outcome: SceneOutcome): boolean {
  return !hasCaller(outcome);
}

function byGroup(outcomes: readonly SceneOutcome[]): [string, SceneOutcome[]][] {
  const groups = Object.groupBy(outcomes, ({ scene }) => scene.group);
  return Object.entries(groups).map(([group, some = []]) => [group, some]);
}

function falseStopRows(outcomes: readonly SceneOutcome[], unguarded: readonly SceneOutcome[]) {
  const without = new Map(byGroup(unguarded));
  return byGroup(outcomes).map(([group, some]) => {
    const minutes = total(some, ({ spokenMs }) => spokenMs) / 60_000;
    const falseStops = total(some, ({ stops }) => stops.length);
    const fired = some.filter(({ stops }) => stops.length > 0);
    return {
      group,
      minutes: Number(minutes.toFixed(1)),
      falseStops,
      perMinute: Number((falseStops / minutes).toFixed(2)),
      resumed: total(some, ({ stops }) => stops.filter(isIgnored).length),
      withoutGuard: total(without.get(group) ?? [], ({ stops }) => stops.length),
      by: fired.map(({ scene, stops }) => `${scene.id} ${stops.length}`).join(', '),
    };
  });
}

function interruptionRows(outcomes: readonly SceneOutcome[]) {
  const interruptions = outcomes.filter(({ scene }) => scene.group !== BACKCHANNELS);
  return byGroup(interruptions).map(([group, some]) => {
    const after = some.flatMap((outcome) => stopAfterMs(outcome) ?? []);
    const soon = after.filter((ms) => ms <= SOON_MS).length;
    return {
      group,
      interruptions: some.length,
      stoppedIn300ms: `${((100 * soon) / some.length).toFixed(1)} %`,
      stopP50: rounded(after, 0.5),
      stopP95: rounded(after, 0.95),
      never: some.length - after.length,
      stoppedBefore: some.filter(({ scene, stops }) => stops.some(isBefore(scene))).length,
      takenAsSuch: some.filter((outcome) => judged(outcome)?.outcome === 'interrupted').length,
    };
  });
}

function shortRows(outcomes: readonly SceneOutcome[]) {
  return outcomes
    .filter(({ scene }) => scene.group === BACKCHANNELS)
    .map((outcome) => {
      const { scene } = outcome;
      const stop = judged(outcome);
      return {
        id: scene.id,
        outcome: stop?.outcome === 'ignored' ? 'resumed' : (stop?.outcome ?? 'not heard'),
        stopAfterMs: stopAfterMs(outcome),
        decidedAfterMs: stop?.decidedAtMs && stop.decidedAtMs - (scene.speech?.startMs ?? 0),
      };
    });
}

function guardRows(outcomes: readonly SceneOutcome[]) {
  const echoing = outcomes.filter(({ scene }) => scene.echo && !scene.speech);
  const errors = echoing.flatMap(({ scene, delayMs }) =>
    delayMs === undefined || !scene.echo ? [] : [Math.abs(delayMs - scene.echo.delayMs)],
  );
  const costs = echoing.map(({ guardUs }) => guardUs);
  return [
    {
      lines: echoing.length,
      delayFound: errors.length,
      delayErrorP50: rounded(errors, 0.5),
      delayErrorMax: rounded(errors, 1),
      usPerWindowP50: rounded(costs, 0.5),
      usPerWindowP95: rounded(costs, 0.95),
    },
  ];
}

function isBefore({ speech }: Scene) {
  return ({ atMs }: { atMs: number }) => speech !== undefined && atMs < speech.startMs - EARLY_MS;
}

/** The first stop that the caller can have caused. */
function judged({ scene, stops }: SceneOutcome) {
  return stops.find((stop) => !isBefore(scene)(stop));
}

function stopAfterMs(outcome: SceneOutcome): number | undefined {
  const stop = judged(outcome);
  const { speech } = outcome.scene;
  return stop && speech && stop.atMs - speech.startMs;
}

function isIgnored({ outcome }: { outcome?: string }): boolean {
  return outcome === 'ignored';
}

const SCENES_AT_ONCE = 32;
const SOON_MS = 300;
/** Labels of speech may be late by so much. */
const EARLY_MS = 32;
