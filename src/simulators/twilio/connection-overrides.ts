/** How often Twilio tries a webhook again, and after what: told in the fragment of its URL. */
export interface Retries {
  /** After the first attempt. */
  most: number;
  /** @param status 0: there was no answer */
  after(status: number): boolean;
}

/** Without a word of it: once, where nobody answered. */
export function retriesOf(url: string): Retries {
  const overrides = new URLSearchParams(/#(.*)$/.exec(url)?.[1] ?? '');
  const count = Number(overrides.get('rc') ?? 1);
  const policies = (overrides.get('rp') ?? 'ct').split(',');
  const isAsked = (...names: string[]) => ['all', ...names].some((name) => policies.includes(name));
  return {
    most: Math.min(5, Math.max(0, Number.isInteger(count) ? count : 1)),
    after: (status) => {
      if (status === 0) return isAsked('ct', 'rt');
      if (status >= 500) return isAsked('5xx');
      return status >= 400 && isAsked('4xx');
    },
  };
}
