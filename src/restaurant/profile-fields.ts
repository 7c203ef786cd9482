/** Which fields a profile can have, read from its schema. */
import { z } from 'zod';
import { profileSchema } from './profile.ts';
import type { FieldPath } from './profile-draft.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

const root = z.toJSONSchema(profileSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** The keys that a mapping at this path can have; none where names are free. */
export function keysAt(path: FieldPath): string[] {
  const keys = fieldsAt(path).flatMap((field) => Object.keys(field.properties ?? {}));
  return [...new Set(keys)];
}

/** Is it text and nothing else that belongs here? */
export function isText(path: FieldPath): boolean {
  const fields = fieldsAt(path);
  return fields.length > 0 && fields.every(({ type }) => type === 'string');
}

/** What may stand here, in words that follow "expected". */
export function expectationAt(path: FieldPath): string {
  return [...new Set(fieldsAt(path).map(inWords))].join(' or ') || 'something else';
}

/** A path, or which of the names is unknown, and which would be known in its place. */
export type NamedPath =
  | { path: FieldPath; unknown?: never }
  | { path?: never; unknown: number; known: string[] };

/**
 * The field that a variable means: `['MENU', '0', 'PRICE']` is `menu.0.price`, `['LANGUAGES', 'EN_GB']`
 * is `languages.en-GB`.
 */
export function pathOfNames(names: readonly string[]): NamedPath {
  const path: PropertyKey[] = [];
  for (const name of names) {
    const fields = fieldsAt(path);
    const key = fields.map((field) => keyOfName(field, name)).find((found) => found !== undefined);
    const properties = fields.flatMap((field) => Object.keys(field.properties ?? {}));
    if (key === undefined) return { unknown: path.length, known: properties.map(upperSnake) };
    path.push(key);
  }
  return { path };
}

function keyOfName(field: JsonSchema, name: string): PropertyKey | undefined {
  const property = Object.keys(field.properties ?? {}).find((key) => upperSnake(key) === name);
  if (property !== undefined) return property;
  if (field.items && /^\d{1,3}$/.test(name)) return Number(name);
  if (typeof field.additionalProperties !== 'object') return undefined;
  const { pattern = '' } = (field.propertyNames ?? {}) as JsonSchema;
  const [language = '', country] = name.split('_');
  const tag =
    country === undefined ? language.toLowerCase() : `${language.toLowerCase()}-${country}`;
  return [name.toLowerCase(), tag].find((key) => new RegExp(pattern).test(key));
}

function upperSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Several where one of several forms may stand. */
function fieldsAt(path: FieldPath): JsonSchema[] {
  let fields = formsOf(root);
  for (const key of path) fields = fields.flatMap((field) => childOf(field, key));
  return fields;
}

function childOf(field: JsonSchema, key: PropertyKey): JsonSchema[] {
  const child = Object.hasOwn(field.properties ?? {}, key)
    ? field.properties?.[String(key)]
    : typeof key === 'number' || /^\d+$/.test(String(key))
      ? field.items
      : field.additionalProperties;
  return typeof child === 'object' && !Array.isArray(child) ? formsOf(child) : [];
}

function formsOf(field: JsonSchema): JsonSchema[] {
  return field.anyOf ? field.anyOf.map((form) => form as JsonSchema) : [field];
}

function inWords(field: JsonSchema): string {
  const { minimum, maximum, minItems, maxItems } = field;
  if (field.enum) return `${field.enum.slice(0, -1).join(', ')} or ${field.enum.at(-1)}`;
  switch (field.type) {
    case 'integer':
      return `a whole number from ${minimum} to ${maximum}`;
    case 'array':
      return `a list of ${minItems ?? 0} to ${maxItems} entries`;
    case 'object':
      return 'a mapping';
    default:
      return 'text';
  }
}
