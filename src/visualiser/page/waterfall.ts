/** Each answer's time by stage, all on one scale, with the line within which it comes naturally. */
import { element, svg } from './element.ts';
import { milliseconds } from './format.ts';
import {
  type Answer,
  latencyScale,
  latencyTicks,
  STAGE_NAMES,
  type Stage,
} from './latency-parts.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';
import type { TimeRange } from './zoom.ts';

const BAR_PX = 5;
const STEP_PX = 6;
/** What a label takes of the axis, in percent. */
const LABEL_SHARE = 15;
const STAGES = Object.keys(STAGE_NAMES) as Stage[];

/** What all rows have in common. */
interface Frame {
  scale: TimeRange;
  stages: readonly Stage[];
}

/** @param onChosen with the answer's index */
export function waterfall(
  answers: readonly Answer[],
  onChosen: (index: number) => void,
): HTMLElement {
  if (answers.length === 0) {
    return element('p', { class: 'soft small' }, 'No answer has been timed.');
  }
  const scale = latencyScale(answers);
  const hasTools = answers.some(({ parts }) => parts.some(({ stage }) => stage === 'tool'));
  const stages = STAGES.filter((stage) => stage !== 'tool' || hasTools);
  const rows = answers.map((answer, index) => {
    return answerRow(answer, { scale, stages }, () => onChosen(index));
  });
  return element(
    'div',
    { class: 'waterfall' },
    legend(stages),
    element('ol', {}, ...rows),
    axis(scale),
  );
}

function answerRow(answer: Answer, frame: Frame, onClick: () => void): HTMLElement {
  const { responseMs, turn } = answer;
  const late = responseMs > RESPONSE_LIMIT_MS;
  const label = `Answer ${turn}, after ${milliseconds(responseMs)}. ${told(answer)}`;
  const button = element(
    'button',
    {
      class: 'answer',
      type: 'button',
      'aria-label': label,
      title: told(answer),
      on: { click: onClick },
    },
    element('span', { class: 'answer-turn number' }, String(turn)),
    bars(answer, frame),
    element(
      'span',
      { class: late ? 'answer-ms number late' : 'answer-ms number' },
      milliseconds(responseMs),
    ),
  );
  return element('li', {}, button);
}

function bars({ parts }: Answer, { scale, stages }: Frame): SVGElement {
  const at = (ms: number) => `${share(scale, ms)}%`;
  const limit = { x1: at(RESPONSE_LIMIT_MS), x2: at(RESPONSE_LIMIT_MS), y1: 0, y2: '100%' };
  const rects = parts.map(({ stage, fromMs, toMs }) => {
    const width = Math.max(0.4, share(scale, toMs) - share(scale, fromMs));
    const y = 1 + stages.indexOf(stage) * STEP_PX;
    const place = { x: at(fromMs), y, width: `${width}%`, height: BAR_PX, rx: 1.5 };
    return svg('rect', { class: `stage ${stage}`, ...place });
  });
  const height = stages.length * STEP_PX + 1;
  const zero = { x1: at(0), x2: at(0), y1: 0, y2: '100%' };
  return svg(
    'svg',
    { class: 'answer-bars', height, 'aria-hidden': 'true' },
    svg('line', { class: 'zero', ...zero }),
    svg('line', { class: 'limit', ...limit }),
    ...rects,
  );
}

function legend(stages: readonly Stage[]): HTMLElement {
  const keys = stages.map((stage) =>
    element('li', {}, element('span', { class: `key ${stage}` }), STAGE_NAMES[stage]),
  );
  return element('ul', { class: 'legend' }, ...keys);
}

function axis(scale: TimeRange): HTMLElement {
  const isClear = (ms: number) =>
    Math.abs(share(scale, ms) - share(scale, RESPONSE_LIMIT_MS)) > LABEL_SHARE;
  const labels = latencyTicks(scale)
    .filter(isClear)
    .map((ms) => {
      const label = element('span', { class: 'number' }, ms === 0 ? '0' : milliseconds(ms));
      label.style.left = `${share(scale, ms)}%`;
      return label;
    });
  const limit = element('span', { class: 'limit-label' }, `${RESPONSE_LIMIT_MS} ms`);
  limit.style.left = `${share(scale, RESPONSE_LIMIT_MS)}%`;
  return element('div', { class: 'answer-axis', 'aria-hidden': 'true' }, ...labels, limit);
}

function told({ parts, reason }: Answer): string {
  const stages = parts.map(({ stage, fromMs, toMs }) => {
    return `${STAGE_NAMES[stage]} ${Math.round(fromMs)} to ${Math.round(toMs)} ms`;
  });
  return [reason, ...stages].filter(Boolean).join('; ');
}

function share({ fromMs, toMs }: TimeRange, ms: number): number {
  return Math.round(((ms - fromMs) / (toMs - fromMs)) * 10_000) / 100;
}
