/** Where values and days stand in a plot. Pure. */

export interface PlotArea {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Round steps from at most `least` to at least `most`, which is above it; five of them or so. */
export function valueTicks(least: number, most: number): number[] {
  const step = roundStep((most - least) / 4);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) => rounded((first + index) * step));
}

/** Which of so many days are named below the axis: the last one, and others as evenly as fits. */
export function namedDays(count: number, width: number, labelPx: number): number[] {
  const most = Math.max(1, Math.floor(width / labelPx));
  const step = Math.max(1, Math.ceil(count / most));
  const named: number[] = [];
  for (let index = count - 1; index >= 0; index -= step) named.unshift(index);
  return named;
}

/** A line through what is there, with gaps where nothing is; a lone point has a line of no length. */
export function linePath(points: readonly ({ x: number; y: number } | null)[]): string {
  let path = '';
  let isOpen = false;
  points.forEach((point, index) => {
    if (point) path += `${isOpen ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    if (point && !isOpen && !points[index + 1]) path += 'h0.01';
    isOpen = point !== null;
  });
  return path;
}

/** 1, 2 or 5 times a power of ten, not below the value. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return rounded(factor * power);
}

function rounded(value: number): number {
  return Number(value.toPrecision(10));
}
