/** The machine's context as rows of a table, with what an event changed. Pure. */

export interface ContextRow {
  name: string;
  value: string;
  /** What it was before the event; undefined: it is unchanged. */
  before?: string;
}

type Context = Readonly<Record<string, unknown>> | null | undefined;

/** Fields of objects are rows of their own: `limits.idleMs`. */
export function contextRows(context: Context, previous: Context): ContextRow[] {
  const before = previous ? new Map(fieldsOf(previous)) : undefined;
  return fieldsOf(context ?? {}).map(([name, value]) => {
    const was = before?.get(name);
    const isChanged = before !== undefined && was !== value;
    return isChanged ? { name, value, before: was ?? 'nothing' } : { name, value };
  });
}

function fieldsOf(fields: object, prefix = ''): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isObject && prefix === '') return fieldsOf(value, `${name}.`);
    return [[`${prefix}${name}`, shown(value)]];
  });
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
