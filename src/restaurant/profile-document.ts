import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml';
import { type FieldPath, type Place, type ProfileDraft, placeKey } from './profile-draft.ts';
import type { ProfileProblem } from './profile-error.ts';
import { isText } from './profile-fields.ts';
import { maskPhones } from './shown-value.ts';

export interface ProfileDocument {
  draft: ProfileDraft;
  /** It is not YAML: the draft holds nothing. */
  syntax: ProfileProblem[];
  /** Keys that are given twice; the draft holds the first. */
  duplicates: ProfileProblem[];
}

/**
 * @param text YAML 1.2; JSON is YAML.
 * @param format What error messages call it.
 * @param path Of the field that the text is; the whole profile without one.
 */
export function readDocument(
  text: string,
  format: 'YAML' | 'JSON',
  path: FieldPath = [],
): ProfileDocument {
  const counter = new LineCounter();
  const result: ProfileDocument = {
    draft: { data: undefined, places: new Map() },
    syntax: [],
    duplicates: [],
  };
  try {
    const options = { lineCounter: counter, uniqueKeys: false, prettyErrors: false } as const;
    const document = parseDocument(text, options);
    for (const error of [...document.errors, ...document.warnings]) {
      const place = placeAt(counter, error.pos[0]);
      // What follows in the same line is mostly a consequence.
      if (result.syntax.at(-1)?.line === place.line) continue;
      const reason =
        error.code === 'MULTIPLE_DOCS' ? 'one document, not several' : maskPhones(error.message);
      result.syntax.push({ ...place, field: '', message: `expected ${format}: ${reason.trim()}` });
    }
    if (result.syntax.length > 0) return result;
    const reading: Reading = { document, counter, result, nodesLeft: MOST_NODES };
    result.draft.places.set(placeKey(path), { value: { line: 1, column: 1 } });
    result.draft.data = plainOf(reading, document.contents, path);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    result.syntax.push({
      field: '',
      message: `expected ${format} that is less deep or repeats less`,
    });
  }
  return result;
}

/** A generous description has some hundred; aliases could make millions of a small file. */
const MOST_NODES = 20_000;
const MOST_LEVELS = 16;

interface Reading {
  document: Document.Parsed;
  counter: LineCounter;
  result: ProfileDocument;
  nodesLeft: number;
}

/** @throws {RangeError} when there are too many nodes, or one within the other */
function plainOf(reading: Reading, node: Node | null, path: FieldPath): unknown {
  reading.nodesLeft -= 1;
  if (reading.nodesLeft < 0 || path.length > MOST_LEVELS) throw new RangeError('too many nodes');
  if (isAlias(node)) return plainOf(reading, node.resolve(reading.document) ?? null, path);
  if (isMap<Node, Node | null>(node)) return mappingOf(reading, node.items, path);
  if (isSeq<Node>(node)) {
    return node.items.map((item, index) => {
      const place = placeOfNode(reading, item);
      reading.result.draft.places.set(placeKey([...path, index]), { value: place });
      return plainOf(reading, item, [...path, index]);
    });
  }
  if (!isScalar(node)) return undefined;
  // A house number, a price, a phone number: where text belongs, quotes are not needed.
  if (typeof node.value === 'number' && isText(path)) return node.source ?? String(node.value);
  return node.value;
}

function mappingOf(
  reading: Reading,
  pairs: readonly Pair<Node, Node | null>[],
  path: FieldPath,
): Record<string, unknown> {
  const { draft, duplicates } = reading.result;
  const entries = new Map<string, unknown>();
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? String(key.value) : '(not a word)';
    const inner = [...path, name];
    const place = placeOfNode(reading, key);
    if (entries.has(name)) {
      const first = draft.places.get(placeKey(inner))?.key?.line;
      const message = `expected once, but line ${first} has it already`;
      duplicates.push({ ...place, field: maskPhones(inner.join('.')), message });
      continue;
    }
    const isWritten = value && !(isScalar(value) && value.value === null);
    draft.places.set(placeKey(inner), {
      key: place,
      value: isWritten ? placeOfNode(reading, value) : place,
    });
    entries.set(name, plainOf(reading, value, inner));
  }
  return Object.fromEntries(entries);
}

function placeOfNode({ counter }: Reading, node: Node): Place {
  return placeAt(counter, node.range?.[0] ?? 0);
}

function placeAt(counter: LineCounter, offset: number): Place {
  const { line, col } = counter.linePos(offset);
  return { line, column: col };
}
