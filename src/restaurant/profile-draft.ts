/** A profile before it is known to be right: plain data, and where each part of it was written. */
export interface ProfileDraft {
  data: unknown;
  places: Map<string, DraftPlace>;
}

export interface Place {
  line?: number;
  column?: number;
  variable?: string;
}

export interface DraftPlace {
  /** Of the key, for entries of a mapping. */
  key?: Place;
  value: Place;
}

export type FieldPath = readonly PropertyKey[];

/** The place of a path in `places`. */
export function placeKey(path: FieldPath): string {
  return path.map(String).join('\0');
}

/** Where this is written; for what is not, where the nearest thing around it is. */
export function placeOf(draft: ProfileDraft, path: FieldPath): Place {
  const own = draft.places.get(placeKey(path));
  if (own) return own.value;
  const isThere = valueAt(draft.data, path) !== undefined;
  for (let length = path.length - 1; length >= 0; length -= 1) {
    const around = draft.places.get(placeKey(path.slice(0, length)));
    if (around) return isThere ? around.value : (around.key ?? around.value);
  }
  return {};
}

export function keyPlaceOf(draft: ProfileDraft, path: FieldPath): Place {
  return draft.places.get(placeKey(path))?.key ?? placeOf(draft, path);
}

export function valueAt(data: unknown, path: FieldPath): unknown {
  let value = data;
  for (const key of path) {
    if (!isContainer(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/**
 * Writes a value, and what is missing on the way to it. Does nothing where something
 * that has no entries is in the way: the draft is wrong there already.
 */
export function setValue(draft: ProfileDraft, path: FieldPath, value: unknown, place: Place): void {
  draft.data ??= {};
  let parent = draft.data;
  for (const [index, key] of path.entries()) {
    if (!isContainer(parent)) return;
    const isLast = index === path.length - 1;
    if (isLast || parent[key] === undefined || parent[key] === null) {
      parent[key] = isLast ? value : typeof path[index + 1] === 'number' ? [] : {};
      replacePlaces(draft, path.slice(0, index + 1), place);
    }
    parent = parent[key];
  }
}

export function isContainer(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

export function isMapping(value: unknown): value is Record<PropertyKey, unknown> {
  return isContainer(value) && !Array.isArray(value);
}

function replacePlaces({ places }: ProfileDraft, path: FieldPath, place: Place): void {
  const key = placeKey(path);
  for (const other of places.keys()) {
    if (other.startsWith(`${key}\0`)) places.delete(other);
  }
  places.set(key, { key: place, value: place });
}
