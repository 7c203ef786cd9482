/** Elements of SVG that need no knowledge of statecharts. */
import type { Box, Point } from './geometry.ts';
import { type Font, textWidth } from './text-width.ts';

export function rect(className: string, { x, y, width, height }: Box, radius: number): string {
  return `<rect class="${className}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}

/**
 * A line of text as wide as the layout takes it to be, in whatever font it is shown.
 *
 * @param className `centred` among them: `x` is the text's middle
 * @param at `y` is the base line
 */
export function text(className: string, content: string, { x, y }: Point, font: Font): string {
  const length = Math.round(textWidth(content, font) * 10) / 10;
  return `<text class="${className}" x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escaped(content)}</text>`;
}

export function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
