import { element } from './element.ts';
import type { PageParts, View } from './view.ts';

export class SoftphoneView implements View {
  readonly #parts: PageParts;

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  show(main: HTMLElement, argument: string): void {
    main.append(
      element('p', { class: 'empty' }, 'Not there yet.', argument, this.#parts.feed.state),
    );
  }

  hide(): void {}
}
