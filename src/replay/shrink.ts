import type { EventSequence } from './event-sequence.ts';

/** Of a whole call of 50 turns; what is left then still shows the symptom, but may be longer than need be. */
const MAX_TRIALS = 20_000;

/**
 * The shortest sequence that is found in which something still shows: no event can be taken from it
 * any more. Delta debugging (Zeller, Hildebrandt 2002: "ddmin"), then rounder times.
 *
 * @param shows holds for `sequence`
 */
export function shrink(
  sequence: EventSequence,
  shows: (sequence: EventSequence) => boolean,
  maxTrials = MAX_TRIALS,
): EventSequence {
  let trials = 0;
  const stillShows = (shorter: EventSequence) => trials++ < maxTrials && shows(shorter);
  const few = withFewerEvents(sequence, halving, stillShows);
  const isFew = few.events.length <= FEW;
  const fewest = isFew ? withFewerEvents(few, everySize, stillShows) : few;
  return withRounderTimes(withPlainStart(fewest, stillShows), stillShows);
}

/** Of so few events every stretch is tried. */
const FEW = 60;

type Test = (sequence: EventSequence) => boolean;
type Events = EventSequence['events'];

/** How much is taken away at once, from where to where, and what is tried next. */
interface Strategy {
  first(count: number): number;
  next(size: number): number;
  stride(size: number): number;
}

const halving: Strategy = {
  first: (count) => Math.ceil(count / 2),
  next: (size) => Math.floor(size / 2),
  stride: (size) => size,
};

/** Finds what only goes together, such as the whole turn between two events. */
const everySize: Strategy = {
  first: (count) => count - 1,
  next: (size) => size - 1,
  stride: () => 1,
};

/** Takes stretches away, smaller and smaller ones, until no single event can go. */
function withFewerEvents(sequence: EventSequence, strategy: Strategy, shows: Test): EventSequence {
  let { events } = sequence;
  let size = strategy.first(events.length);
  while (size >= 1) {
    const stride = strategy.stride(size);
    const fewer = withoutStretches(events, size, stride, (rest) => {
      return shows({ ...sequence, events: rest });
    });
    // What could not go before may go once another has gone.
    if (size === 1 && fewer.length === events.length) break;
    events = fewer;
    size = Math.max(1, strategy.next(size));
  }
  return { ...sequence, events };
}

function withoutStretches(
  events: Events,
  size: number,
  stride: number,
  shows: (rest: Events) => boolean,
): Events {
  let left = events;
  for (let start = 0; start < left.length; ) {
    const rest = left.toSpliced(start, size);
    if (shows(rest)) left = rest;
    else start += stride;
  }
  return left;
}

/** As a call has it that is not a continued one. */
function withPlainStart(sequence: EventSequence, shows: Test): EventSequence {
  const events = sequence.events.map(({ continued: _, ...event }) => event);
  const plain = { ...sequence, events };
  return shows(plain) ? plain : sequence;
}

/** From the roundest on; 100 ms is as good a while as any, where only the order counts. */
function withRounderTimes(sequence: EventSequence, shows: Test): EventSequence {
  let best = sequence;
  for (let index = 0; index <= best.events.length; index++) {
    const gapMs = gapsOf(best)[index] ?? 0;
    const rounded = [100, 1000, 100, 10].map((unit, i) => {
      return i === 0 ? Math.min(unit, gapMs) : Math.round(gapMs / unit) * unit;
    });
    const better = rounded
      .filter((ms) => ms !== gapMs)
      .map((ms) => withGaps(best, gapsOf(best).with(index, ms)))
      .find(shows);
    if (better) best = better;
  }
  return best;
}

/** The time before each event, and at last that up to the end. */
function gapsOf({ events, untilMs }: EventSequence): number[] {
  const moments = [0, ...events.map(({ ms }) => ms), Math.max(untilMs, events.at(-1)?.ms ?? 0)];
  return moments.slice(1).map((ms, i) => ms - (moments[i] ?? 0));
}

function withGaps(sequence: EventSequence, gaps: readonly number[]): EventSequence {
  let ms = 0;
  const events = sequence.events.map((event, i) => {
    ms += gaps[i] ?? 0;
    return { ...event, ms };
  });
  return { ...sequence, events, untilMs: ms + (gaps.at(-1) ?? 0) };
}
