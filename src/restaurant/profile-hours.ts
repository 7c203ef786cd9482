import { parseDays, parseTimes, parseWeek } from './compact-hours.ts';
import { WEEKDAYS, type Weekday } from './profile.ts';
import {
  type FieldPath,
  isMapping,
  keyPlaceOf,
  type Place,
  type ProfileDraft,
  placeKey,
  placeOf,
  valueAt,
} from './profile-draft.ts';
import type { ProfileProblem } from './profile-error.ts';
import { shownValue } from './shown-value.ts';

/**
 * Puts hours that are written as people write them into the form of the schema, wherever a profile has
 * hours. What is in that form already stays; what is in neither is a problem, and closed.
 */
export function expandHours(draft: ProfileDraft): ProfileProblem[] {
  const problems = [...expandWeek(draft, ['hours'])];
  const { exceptions, staff } = isMapping(draft.data) ? draft.data : {};
  for (const index of Array.isArray(exceptions) ? exceptions.keys() : []) {
    const path = ['exceptions', index, 'open'];
    const open = valueAt(draft.data, path);
    if (typeof open !== 'string') continue;
    const times = parseTimes(open);
    if (times === undefined) problems.push(problemOf(draft, path, TIMES, open));
    replace(draft, path, times ?? []);
  }
  for (const name of isMapping(staff) ? Object.keys(staff) : []) {
    if (valueAt(staff, [name, 'hours']) === 'always') continue;
    problems.push(...expandWeek(draft, ['staff', name, 'hours']));
  }
  return problems;
}

const TIMES = 'expected times such as "12:00-14:30, 18:00-22:00", or "closed"';
const WEEK = 'expected hours such as "tue-sun 12:00-14:30, 18:00-22:00; mon closed"';

/** What is said of some days, in one place of the file. */
interface DaysEntry {
  label: string;
  days: readonly Weekday[];
  value: unknown;
  place: Place;
  keyPlace: Place;
}

function expandWeek(draft: ProfileDraft, path: FieldPath): ProfileProblem[] {
  const written = valueAt(draft.data, path);
  const entries = entriesOf(draft, path, written);
  if (entries === undefined) {
    if (typeof written !== 'string') return [];
    replace(draft, path, {});
    return [problemOf(draft, path, WEEK, written)];
  }
  const { byDay, problems } = settle(path, entries);
  const week: Record<string, unknown> = isMapping(written)
    ? Object.fromEntries(Object.entries(written).filter(([key]) => parseDays(key) === undefined))
    : {};
  for (const day of WEEKDAYS) {
    const entry = byDay.get(day);
    if (entry === undefined) continue;
    week[day] = timesOf(draft, path, entry, problems);
    draft.places.set(placeKey([...path, day]), { key: entry.keyPlace, value: entry.place });
  }
  replace(draft, path, week);
  return problems;
}

function entriesOf(
  draft: ProfileDraft,
  path: FieldPath,
  written: unknown,
): DaysEntry[] | undefined {
  if (isMapping(written)) {
    return Object.entries(written).flatMap(([label, value]) => {
      const days = parseDays(label);
      const inner = [...path, label];
      const places = { place: placeOf(draft, inner), keyPlace: keyPlaceOf(draft, inner) };
      return days ? [{ label, days, value, ...places }] : [];
    });
  }
  if (typeof written !== 'string') return undefined;
  const place = placeOf(draft, path);
  const entries = parseWeek(written)?.map(({ days: label, times: value }) => {
    return { label, days: parseDays(label) ?? [], value, place, keyPlace: place };
  });
  return entries?.every(({ days }) => days.length > 0) ? entries : undefined;
}

/** One day says more than several, several more than all; of two that say as much, one is a mistake. */
function settle(path: FieldPath, entries: readonly DaysEntry[]) {
  const byDay = new Map<Weekday, DaysEntry>();
  const problems: ProfileProblem[] = [];
  for (const entry of entries) {
    const taken = entry.days.find((day) => weightOf(byDay.get(day)) === weightOf(entry));
    if (taken !== undefined) {
      const message = `expected each day once, but "${byDay.get(taken)?.label}" has ${taken} already`;
      problems.push({ ...entry.keyPlace, field: [...path, entry.label].join('.'), message });
      continue;
    }
    for (const day of entry.days) {
      if (weightOf(entry) > weightOf(byDay.get(day))) byDay.set(day, entry);
    }
  }
  return { byDay, problems };
}

function weightOf(entry: DaysEntry | undefined): number {
  if (entry === undefined) return 0;
  if (entry.days.length === 1) return 3;
  return entry.days.length === WEEKDAYS.length ? 1 : 2;
}

/** Text becomes intervals; anything else is left for the schema to judge. */
function timesOf(
  draft: ProfileDraft,
  path: FieldPath,
  { label, value, place }: DaysEntry,
  problems: ProfileProblem[],
): unknown {
  if (typeof value !== 'string') return value;
  const times = parseTimes(value);
  const field = [...path, label];
  // An entry for several days is read for each of them.
  if (times === undefined && !problems.some((problem) => problem.field === field.join('.'))) {
    problems.push({ ...problemOf(draft, field, TIMES, value), ...place });
  }
  return times ?? [];
}

function problemOf(
  draft: ProfileDraft,
  path: FieldPath,
  expected: string,
  value: unknown,
): ProfileProblem {
  const message = `${expected}; got ${shownValue(path, value)}`;
  return { ...placeOf(draft, path), field: path.join('.'), message };
}

/** In place of what is there, which keeps its place in the file. */
function replace(draft: ProfileDraft, path: FieldPath, value: unknown): void {
  const parent = valueAt(draft.data, path.slice(0, -1));
  const key = path.at(-1);
  if (isMapping(parent) && key !== undefined) parent[key] = value;
}
