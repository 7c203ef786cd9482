/** What the states of a machine are for, in the words of its own definition. */

interface StateDefinition {
  description?: string;
  states?: Readonly<Record<string, StateDefinition>>;
}

/** @returns descriptions by path, such as `conversation.listening.waiting` */
export async function loadDescriptions(
  machine: 'call' | 'engine',
): Promise<ReadonlyMap<string, string>> {
  const response = await fetch(`files/docs/${machine}.json`);
  if (!response.ok) throw new Error(`expected what ${machine} is, got ${response.status}`);
  const descriptions = new Map<string, string>();
  collect((await response.json()) as StateDefinition, '', descriptions);
  return descriptions;
}

function collect(
  { states = {} }: StateDefinition,
  around: string,
  descriptions: Map<string, string>,
): void {
  for (const [name, state] of Object.entries(states)) {
    const path = `${around}${name}`;
    if (state.description) descriptions.set(path, state.description);
    collect(state, `${path}.`, descriptions);
  }
}
