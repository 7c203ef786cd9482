/** PromQL, as far as it must be read to know which metrics, labels and functions a query names. */

export interface PromQuery {
  /** What is selected: names of metrics or of recorded rules, with the labels of their matchers. */
  selectors: { name: string; labels: { label: string; value: string }[] }[];
  /** Labels of `by`, `without`, `on` and the like. */
  groupings: string[];
}

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<duration>\d+(?:ms|[smhdwy]))|(?<number>\d+(?:\.\d+)?)|(?<name>[a-zA-Z_:][\w:]*)|(?<sign>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}[\],]))/y;

const FUNCTIONS = new Set([
  ...['sum', 'max', 'min', 'count', 'topk', 'rate', 'increase', 'avg_over_time', 'absent'],
  ...['histogram_quantile', 'vector'],
]);
const GROUPINGS = new Set(['by', 'without', 'on', 'ignoring']);
const OPERATORS = new Set(['and', 'or', 'unless']);

/** @throws when it is no query, or names a function that is not known */
export function readQuery(text: string): PromQuery {
  const tokens = tokensOf(text);
  assertBalanced(tokens, text);
  const query: PromQuery = { selectors: [], groupings: [] };
  for (let at = 0; at < tokens.length; at++) {
    const name = tokens[at] ?? '';
    if (!/^[a-zA-Z_:]/.test(name) || OPERATORS.has(name)) continue;
    if (GROUPINGS.has(name)) at = readGrouping(tokens, at, query);
    else if (tokens[at + 1] === '(' || GROUPINGS.has(tokens[at + 1] ?? '')) {
      if (!FUNCTIONS.has(name))
        throw new Error(`expected a known function, got ${name} in ${text}`);
    } else at = readSelector(tokens, at, query);
  }
  return query;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const { lastIndex } = TOKEN;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`expected PromQL, got "${text.slice(lastIndex)}" in ${text}`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

function assertBalanced(tokens: readonly string[], text: string): void {
  const open: string[] = [];
  for (const token of tokens) {
    const closing = CLOSING[token];
    if (closing) open.push(closing);
    else if (/^[)}\]]$/.test(token) && open.pop() !== token) throw new Error(`unbalanced: ${text}`);
  }
  if (open.length > 0) throw new Error(`unbalanced: ${text}`);
}

/** @returns where it ends */
function readGrouping(tokens: readonly string[], at: number, query: PromQuery): number {
  const end = tokens.indexOf(')', at);
  query.groupings.push(...tokens.slice(at + 2, end).filter((token) => token !== ','));
  return end;
}

function readSelector(tokens: readonly string[], at: number, query: PromQuery): number {
  const name = tokens[at] ?? '';
  if (tokens[at + 1] !== '{') {
    query.selectors.push({ name, labels: [] });
    return at;
  }
  const end = tokens.indexOf('}', at);
  const labels = [];
  for (let matcher = at + 2; matcher < end; matcher += 4) {
    const [label = '', , quoted = ''] = tokens.slice(matcher, end);
    labels.push({ label, value: quoted.slice(1, -1) });
  }
  query.selectors.push({ name, labels });
  return end;
}
