/** The last response times of a call as a line, with the limit that answers should keep. */
import { svg } from './element.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';

const WIDTH = 64;
const HEIGHT = 16;
const CEILING_MS = 2 * RESPONSE_LIMIT_MS;
/** Values that fit in the width. */
const MOST = 12;

export class SparkLine {
  readonly element: SVGSVGElement;
  readonly #line = svg('path', { class: 'spark-values' });
  readonly #last = svg('circle', { class: 'spark-last', r: 2 });

  constructor() {
    const limit = `M0 ${HEIGHT / 2}H${WIDTH}`;
    this.element = svg(
      'svg',
      { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
      svg('path', { class: 'spark-limit', d: limit }),
      this.#line,
      this.#last,
    );
  }

  /** @param values ms, the newest last */
  draw(values: readonly number[]): void {
    const points = sparkPoints(values);
    const [x = 0, y = 0] = points.at(-1) ?? [];
    this.#line.setAttribute('d', points.length > 0 ? `M${points.join('L')}` : '');
    this.#last.setAttribute('transform', `translate(${x} ${y})`);
    this.element.classList.toggle('bare', points.length === 0);
  }
}

/** The newest stands at the right; what is above twice the limit stays at the top. */
function sparkPoints(values: readonly number[]): [x: number, y: number][] {
  const shown = values.slice(-MOST);
  const step = (WIDTH - 4) / (MOST - 1);
  return shown.map((ms, index) => {
    const x = WIDTH - 2 - (shown.length - 1 - index) * step;
    const y = 2 + (HEIGHT - 4) * (1 - Math.min(ms, CEILING_MS) / CEILING_MS);
    return [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  });
}
