/** The caller's voice activity out of the records: decoded, placed in time, drawn as an envelope. */
import type { TimeRange } from './zoom.ts';

/** What Silero judges at once. */
export const WINDOW_MS = 32;
/** From here on a window counts as voice. */
const VOICED = 0.5;
const PROBABILITY_STEPS = 200;
const STEPS_PER_DB = 2;
/** Text of four bytes a window begins so; older text has two. The first two are the same. */
const FOUR_BYTES = '4:';
/** What is shown as silence, and as full level. */
const QUIET_DB = -62;
const LOUD_DB = -12;
/** A row is written late, seldom early: of so many neighbours the earliest tells the position. */
const NEIGHBOURS = 8;

export interface VoiceWindow {
  endMs: number;
  probability: number;
  levelDb: number;
}

/** One `ears.windows` row: its moment, and the position of its last window in the caller's audio. */
export interface WindowsRow {
  atMs: number;
  endMs: number;
  windows: string;
}

/**
 * @param packed base64 of two bytes a window, or of four bytes after `4:`
 * @param endMs of the last window
 * @throws {Error} where the text is something else
 */
export function unpackWindows(packed: string, endMs: number): VoiceWindow[] {
  const size = packed.startsWith(FOUR_BYTES) ? 4 : 2;
  const bytes = atob(size === 4 ? packed.slice(FOUR_BYTES.length) : packed);
  if (bytes.length % size !== 0) {
    throw new RangeError(`expected ${size} bytes a window, got ${bytes.length} bytes`);
  }
  const count = bytes.length / size;
  return Array.from({ length: count }, (_, i) => ({
    endMs: endMs - (count - 1 - i) * WINDOW_MS,
    probability: probabilityOf(bytes.charCodeAt(size * i)),
    levelDb: -bytes.charCodeAt(size * i + 1) / STEPS_PER_DB,
  }));
}

/** Beyond the steps are windows that were lost, or repeat a recording: nobody speaks in them. */
function probabilityOf(byte: number): number {
  return byte > PROBABILITY_STEPS ? 0 : byte / PROBABILITY_STEPS;
}

export interface PlacedVoice {
  /** In order; their ends are on the clock of the rows' moments. */
  windows: VoiceWindow[];
  /** Where the caller's audio begins on that clock; undefined where there is no row. */
  originMs: number | undefined;
}

/** @param rows of one call, in order; one that cannot be read is left out */
export function placeWindows(rows: readonly WindowsRow[]): PlacedVoice {
  const origins = originsOf(rows);
  const windows = rows.flatMap((row, i) => readable(row.windows, row.endMs + (origins[i] ?? 0)));
  return { windows: windows.toSorted((a, b) => a.endMs - b.endMs), originMs: origins[0] };
}

/** Where, by each row, the caller's audio begins. */
function originsOf(rows: readonly WindowsRow[]): number[] {
  const streams = streamsOf(rows);
  return rows.map((_, i) => {
    const first = Math.max(0, i - NEIGHBOURS);
    const near = rows
      .slice(first, i + NEIGHBOURS + 1)
      .filter((_row, j) => streams[first + j] === streams[i]);
    return Math.min(...near.map((row) => row.atMs - row.endMs));
  });
}

/** Which stream each row is of: on a new one positions begin again. */
function streamsOf(rows: readonly WindowsRow[]): number[] {
  let stream = 0;
  return rows.map((row, i) => {
    if (row.endMs < (rows[i - 1]?.endMs ?? 0)) stream += 1;
    return stream;
  });
}

function readable(packed: string, endMs: number): VoiceWindow[] {
  try {
    return unpackWindows(packed, endMs);
  } catch {
    return [];
  }
}

/** Stretches of voice; pauses shorter than this are part of them. */
export function voicedSpans(windows: readonly VoiceWindow[], pauseMs = 160): TimeRange[] {
  const spans: TimeRange[] = [];
  for (const { endMs, probability } of windows) {
    if (probability < VOICED) continue;
    const last = spans.at(-1);
    if (last && endMs - WINDOW_MS - last.toMs <= pauseMs) last.toMs = endMs;
    else spans.push({ fromMs: endMs - WINDOW_MS, toMs: endMs });
  }
  return spans;
}

export interface EnvelopeColumn {
  /** 0 to 1 */
  level: number;
  isVoiced: boolean;
}

/** The loudest window in each of so many equal parts of the range; undefined where there is none. */
export function envelope(
  windows: readonly VoiceWindow[],
  { fromMs, toMs }: TimeRange,
  columns: number,
): (EnvelopeColumn | undefined)[] {
  const drawn = new Array<EnvelopeColumn | undefined>(columns).fill(undefined);
  const perMs = columns / (toMs - fromMs);
  for (let i = firstEndingAfter(windows, fromMs); i < windows.length; i++) {
    const window = windows[i];
    if (!window || window.endMs - WINDOW_MS >= toMs) break;
    const first = Math.max(0, Math.floor((window.endMs - WINDOW_MS - fromMs) * perMs));
    const last = Math.min(columns - 1, Math.ceil((window.endMs - fromMs) * perMs) - 1);
    for (let column = first; column <= last; column++) {
      const there = drawn[column];
      drawn[column] = {
        level: Math.max(there?.level ?? 0, levelOf(window.levelDb)),
        isVoiced: there?.isVoiced === true || window.probability >= VOICED,
      };
    }
  }
  return drawn;
}

function levelOf(levelDb: number): number {
  return Math.min(1, Math.max(0, (levelDb - QUIET_DB) / (LOUD_DB - QUIET_DB)));
}

function firstEndingAfter(windows: readonly VoiceWindow[], ms: number): number {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((windows[middle]?.endMs ?? 0) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}
