/** A machine's drawing in the page, with states that light up and transitions that flash. */

export class Chart {
  readonly element: SVGSVGElement;
  readonly #states: ReadonlyMap<string, SVGGElement>;
  readonly #edges: readonly SVGGElement[];
  #lit: SVGGElement[] = [];
  #flashing: SVGGElement | undefined;

  constructor(element: SVGSVGElement) {
    this.element = element;
    const states = element.querySelectorAll<SVGGElement>('g.state[data-path]');
    this.#states = new Map([...states].map((state) => [state.dataset.path ?? '', state]));
    this.#edges = [...element.querySelectorAll<SVGGElement>('g.edge')];
  }

  /** The drawing as it is committed; its colours come from the page's style sheet. */
  static async load(machine: 'call' | 'engine'): Promise<Chart> {
    const response = await fetch(`files/docs/${machine}.svg`);
    if (!response.ok) throw new Error(`expected the drawing of ${machine}, got ${response.status}`);
    const parsed = new DOMParser().parseFromString(await response.text(), 'image/svg+xml');
    return new Chart(document.importNode(parsed.documentElement, true) as unknown as SVGSVGElement);
  }

  /** Of all states, in the machine's own order. */
  get paths(): Iterable<string> {
    return this.#states.keys();
  }

  /** Where a state is drawn. */
  stateOf(path: string): SVGGElement | undefined {
    return this.#states.get(path);
  }

  /** What a state is for, in the words of its machine. */
  describe(path: string): string {
    return this.#states.get(path)?.querySelector(':scope > title')?.textContent ?? '';
  }

  /** @param path such as `conversation.listening.hearing`; undefined: none is active */
  light(path: string | undefined): void {
    this.#flashing?.classList.remove('flash');
    for (const state of this.#lit) state.classList.remove('active', 'leaf');
    this.#lit = [];
    const names = path?.split('.') ?? [];
    for (let depth = 1; depth <= names.length; depth++) {
      const state = this.#states.get(names.slice(0, depth).join('.'));
      if (!state) continue;
      state.classList.add('active');
      if (depth === names.length) state.classList.add('leaf');
      this.#lit.push(state);
    }
  }

  /**
   * Shows the transition that was taken from here because of this event, if it is drawn.
   * @param to where it led, which decides between several for the same event
   */
  flash(from: string, eventType: string, to?: string): void {
    this.#flashing?.classList.remove('flash');
    this.#flashing = this.#edgeOf(from, eventType, to);
    if (!this.#flashing) return;
    // Read, so that the animation begins anew where the same transition is taken again.
    this.#flashing.getBoundingClientRect();
    this.#flashing.classList.add('flash');
  }

  /** Writes a number into the corner of each state; none where it is zero. */
  count(byPath: ReadonlyMap<string, number>): void {
    const most = Math.max(1, ...byPath.values());
    for (const [path, state] of this.#states) {
      const count = byPath.get(path) ?? 0;
      const text = state.querySelector(':scope > text.count');
      if (text) text.textContent = count > 0 ? String(count) : '';
      state.classList.toggle('hot', count > 0);
      state.style.setProperty('--heat', String(count / most));
    }
  }

  /** The state's own transition first, then those of the states around it. */
  #edgeOf(from: string, eventType: string, to: string | undefined): SVGGElement | undefined {
    const names = from.split('.');
    for (let depth = names.length; depth >= 0; depth--) {
      const source = names.slice(0, depth).join('.');
      const edges = this.#edges.filter(
        ({ dataset }) =>
          (dataset.source ?? '') === source && dataset.events?.split(' ').includes(eventType),
      );
      const exact = edges.find(({ dataset: { target } }) => isWithin(to, target));
      if (exact ?? edges[0]) return exact ?? edges[0];
    }
    return undefined;
  }
}

function isWithin(path: string | undefined, around: string | undefined): boolean {
  return path !== undefined && around !== undefined && `${path}.`.startsWith(`${around}.`);
}
