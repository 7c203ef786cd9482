import type { CallLimits } from '../../machines/call-protocol.ts';
import { TURN_THRESHOLDS, type TurnThresholds } from '../turns/thresholds.ts';
import { WINDOW_MS } from '../turns/window-size.ts';
import { UsageError } from '../usage-error.ts';

/** What is to be otherwise than in the recorded call. */
export interface Departures {
  thresholds: TurnThresholds;
  limits: CallLimits;
  /** Some are of the ears, so that the call's voice activity has to be judged anew. */
  ofEars: boolean;
}

/**
 * @param settings such as `endpointing.silenceMs=300` or `limits.idleMs=5000`, the later over the earlier
 * @param recorded the limits of the call
 * @throws {UsageError} that lists what can be set
 */
export function readDepartures(settings: readonly string[], recorded: CallLimits): Departures {
  const thresholds: TurnThresholds = structuredClone(TURN_THRESHOLDS);
  const departures = { thresholds, limits: { ...recorded }, ofEars: false };
  for (const setting of settings) {
    const [name = '', text = ''] = setting.split('=', 2);
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || value < 0) {
      throw new UsageError(`--set: expected name=value with a number from 0, got "${setting}"`);
    }
    set(departures, name, value);
  }
  return departures;
}

/**
 * The thresholds alone, where there is no call whose limits could be set.
 * @throws {UsageError} that lists what can be set
 */
export function readThresholds(settings: readonly string[]): TurnThresholds {
  return readDepartures(settings, {} as CallLimits).thresholds;
}

/** Everything that `--set` knows, as `endpointing.finishMs.open`. */
function settableNames(limits: CallLimits): string[] {
  return [
    SILENCE,
    ...leavesOf(TURN_THRESHOLDS).map((leaf) => `${EARS}${leaf}`),
    ...Object.keys(limits).map((name) => `${LIMITS}${name}`),
  ];
}

const EARS = 'endpointing.';
const LIMITS = 'limits.';
/** The silence that ends a turn, whatever was asked. */
const SILENCE = `${EARS}silenceMs`;

function set(departures: Departures, name: string, value: number): void {
  if (!settableNames(departures.limits).includes(name)) {
    const names = settableNames(departures.limits).join('\n  ');
    throw new UsageError(`--set: expected one of\n  ${names}\ngot "${name}"`);
  }
  if (name.startsWith(LIMITS)) {
    departures.limits[name.slice(LIMITS.length) as keyof CallLimits] = value;
    return;
  }
  departures.ofEars = true;
  if (name === SILENCE) setSilence(departures.thresholds, value);
  else setLeaf(departures.thresholds, name.slice(EARS.length).split('.'), value);
}

/** Judged by windows: a pause that is no shorter than what ends the turn would never be told. */
function setSilence(thresholds: TurnThresholds, silenceMs: number): void {
  const always = { open: silenceMs, yesNo: silenceMs, number: silenceMs, name: silenceMs };
  thresholds.finishMs = always;
  thresholds.endpoint = { ...thresholds.endpoint, soonestMs: always, latestMs: always };
  thresholds.pauseMs = Math.min(thresholds.pauseMs, Math.max(0, silenceMs - WINDOW_MS));
}

function setLeaf(thresholds: object, path: string[], value: number): void {
  const [name = '', ...rest] = path;
  const holder = thresholds as Record<string, number | object>;
  const inner = holder[name];
  if (typeof inner === 'object') setLeaf(inner, rest, value);
  else holder[name] = value;
}

function leavesOf(thresholds: object): string[] {
  return Object.entries(thresholds).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? leavesOf(inner).map((leaf) => `${name}.${leaf}`)
      : [name],
  );
}
