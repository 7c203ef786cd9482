import { UsageError } from '../usage-error.ts';

/** How the server under load is set. */
export interface Variant {
  speculation: (typeof SPECULATIONS)[number];
  slot: (typeof SLOTS)[number];
}

const SPECULATIONS = ['on', 'off'] as const;
const SLOTS = ['first-token', 'reply'] as const;

/**
 * Every combination of what is asked for.
 * @param asked lists, such as `on,off`
 * @throws {UsageError}
 */
export function variantsOf(asked: { speculation: string; slot: string }): Variant[] {
  const speculations = listed(asked.speculation, SPECULATIONS, '--speculation');
  const slots = listed(asked.slot, SLOTS, '--slot');
  return slots.flatMap((slot) => speculations.map((speculation) => ({ speculation, slot })));
}

export function variantName({ speculation, slot }: Variant): string {
  return `speculation ${speculation}, slot ${slot}`;
}

export function variantEnv({ speculation, slot }: Variant): Record<string, string> {
  return {
    ENGINE_SPECULATION: speculation,
    ENGINE_SLOT: slot === 'reply' ? 'wholeReply' : 'firstToken',
  };
}

function listed<Value extends string>(
  asked: string,
  values: readonly Value[],
  flag: string,
): Value[] {
  return [...new Set(asked.split(','))].map((each) => {
    const value = values.find((known) => known === each);
    if (value) return value;
    throw new UsageError(`expected ${flag} ${values.join(' or ')}, or both with a comma between`);
  });
}
