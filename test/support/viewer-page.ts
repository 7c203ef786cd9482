/** The visualiser in a real browser, as its viewer has it. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';

/** Everything that a page must not do while it is looked at. */
export interface Misdeeds {
  readonly errors: string[];
  readonly requests: string[];
}

export class ViewerPage {
  readonly page: Page;
  readonly #misdeeds: Misdeeds;

  private constructor(page: Page, misdeeds: Misdeeds) {
    this.page = page;
    this.#misdeeds = misdeeds;
  }

  /** @param url of the server */
  static async open(
    browser: Browser,
    url: string,
    view: string,
    options: { colorScheme?: 'light' | 'dark'; width?: number; height?: number } = {},
  ): Promise<ViewerPage> {
    const { colorScheme = 'light', width = 1280, height = 800 } = options;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('dialog', (dialog) => errors.push(`a dialog: ${dialog.message()}`));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) requests.push(request.url());
    });
    const viewer = new ViewerPage(page, { errors, requests });
    await viewer.go(url, view);
    return viewer;
  }

  async go(url: string, view: string): Promise<void> {
    await this.page.goto(`${url}/visualiser/#${view}`);
  }

  /** Notes each state that is lit in the drawing, from now on. */
  async watchChart(): Promise<() => Promise<string[]>> {
    await this.page.waitForSelector('g.state[data-path]');
    await this.page.evaluate(WATCH_LIT_STATES);
    return () => this.page.evaluate<string[]>('globalThis.litStates');
  }

  /** Texts whose contrast with their ground is below WCAG's AA, with the ratio. */
  faintTexts(): Promise<string[]> {
    return this.page.evaluate<string[]>(FAINT_TEXTS);
  }

  /** Nothing failed, and nobody but the server was asked for anything. */
  assertDecent(): void {
    assert.deepEqual(this.#misdeeds, { errors: [], requests: [] });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

// What runs in the page is text here: this side knows no DOM.

const WATCH_LIT_STATES = `(() => {
  globalThis.litStates = [];
  const look = () => {
    const leaf = document.querySelector('g.state.active.leaf');
    const path = leaf?.dataset.path;
    if (path && path !== litStates.at(-1)) litStates.push(path);
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['class'],
  });
  look();
})()`;

const FAINT_TEXTS = `(() => {
  const rgba = (text) => {
    const canvas = globalThis.contrastCanvas ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const groundOf = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((ground, layer) => over(layer, ground), [255, 255, 255, 1]);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest('svg, script, noscript, :disabled, [aria-disabled=true]')) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const [a, b] = [luminance(over(rgba(style.color), ground)), luminance(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const px = parseFloat(style.fontSize);
    const isLarge = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) faint.push(text.slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return faint;
})()`;
