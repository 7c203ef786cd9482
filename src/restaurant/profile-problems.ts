import type { z } from 'zod';
import { nearestWord } from './nearest-word.ts';
import {
  type FieldPath,
  keyPlaceOf,
  type ProfileDraft,
  placeOf,
  valueAt,
} from './profile-draft.ts';
import type { ProfileProblem } from './profile-error.ts';
import { expectationAt, keysAt } from './profile-fields.ts';
import { maskPhones, shownValue } from './shown-value.ts';

type Issue = z.core.$ZodIssue;

/** What the schema found, in the order of the file, with what was expected and what came. */
export function problemsOf(draft: ProfileDraft, issues: readonly Issue[]): ProfileProblem[] {
  return issues.flatMap((issue) => problemsOfIssue(draft, issue, []));
}

function problemsOfIssue(draft: ProfileDraft, issue: Issue, around: FieldPath): ProfileProblem[] {
  const path = [...around, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(draft, path, key));
    case 'invalid_key': {
      const expected = issue.issues[0]?.message ?? 'expected another name';
      const message = `${expected}; got ${maskPhones(JSON.stringify(path.at(-1)))}`;
      return [{ ...keyPlaceOf(draft, path), field: fieldOf(path), message }];
    }
    case 'invalid_union': {
      const form = formMeant(issue.errors);
      if (form) return form.flatMap((inner) => problemsOfIssue(draft, inner, path));
      return [wrongValue(draft, path, issue)];
    }
    default:
      return [wrongValue(draft, path, issue)];
  }
}

function wrongValue(draft: ProfileDraft, path: FieldPath, issue: Issue): ProfileProblem {
  const place = placeOf(draft, path);
  const expected = issue.message.startsWith('expected')
    ? issue.message
    : `expected ${expectationAt(path)}`;
  const isSecret = place.variable !== undefined && path[0] === 'staff';
  const value = valueAt(draft.data, path);
  const got = isSecret && value !== undefined ? 'something else' : shownValue(path, value);
  return { ...place, field: fieldOf(path), message: `${expected}, got ${got}` };
}

function unknownKey(draft: ProfileDraft, path: FieldPath, key: string): ProfileProblem {
  const inner = [...path, key];
  const known = keysAt(path);
  const nearest = nearestWord(key, known);
  const hint = nearest ? `; did you mean "${nearest}"?` : '';
  const message = `expected one of ${known.join(', ')}${hint}`;
  return { ...keyPlaceOf(draft, inner), field: fieldOf(inner), message };
}

/** Of several forms the one that was meant: fewest complaints about the thing as a whole. */
function formMeant(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const rated = forms.map((issues) => ({ issues, strangeness: strangenessOf(issues) }));
  rated.sort((one, other) => one.strangeness - other.strangeness);
  const [best, next] = rated;
  return best && next && best.strangeness < next.strangeness ? best.issues : undefined;
}

function strangenessOf(issues: readonly Issue[]): number {
  const ofWhole = issues.filter(({ path }) => path.length === 0);
  return ofWhole.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : MOST_KEYS),
    0,
  );
}

/** Something of another kind altogether is stranger than any number of unknown keys. */
const MOST_KEYS = 1000;

function fieldOf(path: FieldPath): string {
  return maskPhones(path.map(String).join('.'));
}
