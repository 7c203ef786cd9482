/**
 * How wide a text is, without a screen to measure on: advance widths of Inter in thousandths of the
 * font size, for the characters from the space to the tilde. The drawing sets each text to the
 * width that is given here, so that it fits in any other font, too.
 */
const REGULAR = [
  281, 278, 403, 631, 638, 812, 639, 222, 362, 362, 500, 659, 280, 460, 276, 357, 625, 464, 605,
  636, 642, 608, 624, 571, 616, 624, 276, 280, 659, 659, 659, 507, 936, 676, 651, 727, 719, 598,
  587, 743, 740, 264, 543, 652, 562, 889, 753, 761, 635, 761, 639, 638, 642, 741, 676, 949, 642,
  665, 625, 362, 357, 362, 469, 452, 497, 564, 621, 558, 621, 582, 361, 609, 591, 237, 237, 544,
  237, 869, 585, 597, 609, 609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362, 327, 362, 659,
];
/** Of any other character; the arrow before an actor has it. */
const OTHER = 955;
/** How much wider the heavier weights are, over the letters of our names. */
const WIDER = { regular: 1, medium: 1.018, semibold: 1.036 };

export interface Font {
  /** In the drawing's units, which are pixels at its own size. */
  size: number;
  weight: keyof typeof WIDER;
}

export function textWidth(text: string, { size, weight }: Font): number {
  let thousandths = 0;
  for (const character of text) {
    thousandths += REGULAR[(character.codePointAt(0) ?? 0) - 32] ?? OTHER;
  }
  return (thousandths / 1000) * size * WIDER[weight];
}
