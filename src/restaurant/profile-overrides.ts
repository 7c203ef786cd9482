import { nearestWord } from './nearest-word.ts';
import { readDocument } from './profile-document.ts';
import {
  type FieldPath,
  isMapping,
  type ProfileDraft,
  setValue,
  valueAt,
} from './profile-draft.ts';
import type { ProfileProblem } from './profile-error.ts';
import { isText, pathOfNames } from './profile-fields.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Writes over the draft what `RESTAURANT_NAME` and its like say. Empty ones count as not set. */
export function overrideCommonFields(draft: ProfileDraft, env: Environment): void {
  for (const [variable, path] of COMMON) {
    const value = given(env, variable);
    if (value !== undefined) setValue(draft, path, value, { variable });
  }
  beginIn(draft, given(env, 'RESTAURANT_LANGUAGE'));
  const greeting = given(env, 'RESTAURANT_GREETING');
  if (greeting !== undefined) {
    const [first = 'en'] = keysOf(draft, 'languages');
    const place = { variable: 'RESTAURANT_GREETING' };
    setValue(draft, ['languages', first, 'greeting'], greeting, place);
  }
  callThisNumber(draft, given(env, 'RESTAURANT_STAFF_PHONE'));
}

/** The same for `RESTAURANT__RESERVATIONS__MAX_PARTY_SIZE` and its like; names those that mean nothing. */
export function overrideFields(draft: ProfileDraft, env: Environment): ProfileProblem[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith(PREFIX))
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .flatMap((variable) => {
      const text = given(env, variable);
      return text === undefined ? [] : overrideField(draft, variable, text);
    });
}

const PREFIX = 'RESTAURANT__';

const COMMON: readonly [variable: string, path: FieldPath][] = [
  ['RESTAURANT_NAME', ['name']],
  ['RESTAURANT_ADDRESS', ['address']],
  ['RESTAURANT_TIME_ZONE', ['timeZone']],
  ['RESTAURANT_HOURS', ['hours']],
];

function given(env: Environment, variable: string): string | undefined {
  return env[variable]?.trim() || undefined;
}

/** The language comes first, with what the file says of it. */
function beginIn(draft: ProfileDraft, language: string | undefined): void {
  if (language === undefined) return;
  const place = { variable: 'RESTAURANT_LANGUAGE' };
  const path = ['languages', language];
  if (valueAt(draft.data, path) === undefined) setValue(draft, path, {}, place);
  const languages = valueAt(draft.data, ['languages']);
  if (!isMapping(languages) || !isMapping(draft.data)) return;
  draft.data.languages = { [language]: languages[language], ...languages };
}

/** The number of whoever takes over usually; of somebody called `staff` when there is nobody. */
function callThisNumber(draft: ProfileDraft, number: string | undefined): void {
  if (number === undefined) return;
  const place = { variable: 'RESTAURANT_STAFF_PHONE' };
  const preferred = valueAt(draft.data, ['defaultStaff']);
  const [first = 'staff'] = keysOf(draft, 'staff');
  const name = typeof preferred === 'string' ? preferred : first;
  setValue(draft, ['staff', name, 'number'], number, place);
  const purpose = ['staff', name, 'purpose'];
  if (valueAt(draft.data, purpose) === undefined) {
    setValue(draft, purpose, 'whatever needs a person', place);
  }
}

function overrideField(draft: ProfileDraft, variable: string, text: string): ProfileProblem[] {
  const names = variable.slice(PREFIX.length).split('__');
  const named = pathOfNames(names);
  if (!named.path) return [unknownField(variable, names, named)];
  const { path } = named;
  const beyond = path.findIndex((key, level) => isBeyond(draft, path.slice(0, level), key));
  if (beyond >= 0) {
    const message = 'expected the number of an entry, from 0, or of the next one';
    return [{ variable, field: path.slice(0, beyond + 1).join('.'), message }];
  }
  const value = readValue(text, path);
  if (value === undefined) {
    return [{ variable, field: path.join('.'), message: 'expected YAML; it is not' }];
  }
  setValue(draft, path, value, { variable });
  return [];
}

/** An entry that would leave a gap in its list. */
function isBeyond(draft: ProfileDraft, list: FieldPath, index: PropertyKey): boolean {
  if (typeof index !== 'number') return false;
  const entries = valueAt(draft.data, list);
  return index > (Array.isArray(entries) ? entries.length : 0);
}

function unknownField(
  variable: string,
  names: readonly string[],
  { unknown, known }: { unknown: number; known: readonly string[] },
): ProfileProblem {
  const before = [PREFIX, ...names.slice(0, unknown).map((name) => `${name}__`)].join('');
  const nearest = nearestWord(names[unknown] ?? '', known);
  const hint = nearest ? `; did you mean ${before}${nearest}?` : '';
  const list = known.length > 0 ? `, after ${before} one of ${known.join(', ')}` : '';
  return { variable, field: '', message: `expected a field of the restaurant${list}${hint}` };
}

/**
 * Where text belongs, what is no text in YAML (`Fish: the bar`) is taken as it stands. Undefined: it
 * is not YAML.
 */
function readValue(text: string, path: FieldPath): unknown {
  const { draft, syntax, duplicates } = readDocument(text, 'YAML', path);
  if (isText(path)) return typeof draft.data === 'string' ? draft.data : text;
  return syntax.length + duplicates.length > 0 ? undefined : draft.data;
}

function keysOf(draft: ProfileDraft, field: string): string[] {
  const value = valueAt(draft.data, [field]);
  return isMapping(value) ? Object.keys(value) : [];
}
