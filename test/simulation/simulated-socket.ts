/** One end of a socket as `ws` has it; the far end is the world. */
import { EventEmitter } from 'node:events';

export class SimulatedSocket extends EventEmitter {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readyState = 1;
  bufferedAmount = 0;
  /** What the program sends, and that it closes. */
  onSent: (text: string) => void = () => {};
  onClosing: (code: number) => void = () => {};
  onTerminated: () => void = () => {};

  send(text: string): void {
    if (this.readyState !== this.OPEN) throw new Error('expected an open socket');
    this.onSent(text);
  }

  /** A message from the far end. */
  deliver(text: string): void {
    if (this.readyState === this.OPEN || this.readyState === this.CLOSING) {
      this.emit('message', Buffer.from(text), false);
    }
  }

  close(code = 1005): void {
    if (this.readyState >= this.CLOSING) return;
    const wasConnecting = this.readyState === this.CONNECTING;
    this.readyState = this.CLOSING;
    this.onClosing(code);
    // As `ws` has it: who waits for the connection is told that it will not come.
    const message = 'WebSocket was closed before the connection was established';
    if (wasConnecting) queueMicrotask(() => this.emit('error', new Error(message)));
  }

  terminate(): void {
    if (this.readyState === this.CLOSED) return;
    this.onTerminated();
    this.gone();
  }

  /** The connection is no more, whoever ended it. */
  gone(): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this.emit('close', 1006, Buffer.alloc(0));
  }

  /** Listeners that somebody forgot. */
  get listening(): number {
    return this.listenerCount('message') + this.listenerCount('close');
  }

  /** The way of the browsers, which the SDK goes. */
  addEventListener(type: string, listener: (event: object) => void): void {
    // Not under "listener": an emitter takes such a function for one that is called once.
    const wrapped = Object.assign(
      (data: unknown) => listener(type === 'message' ? { data: String(data) } : (data as object)),
      { handler: listener },
    );
    this.on(type, wrapped);
  }

  removeEventListener(type: string, listener: (event: object) => void): void {
    for (const each of this.listeners(type)) {
      if ((each as { handler?: unknown }).handler === listener) this.off(type, each as () => void);
    }
  }
}
