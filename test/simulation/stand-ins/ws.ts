/** The socket on which the SDK of the first voice speaks, with the voice at its far end. */
import { here } from '../current.ts';
import { SimulatedSocket } from '../simulated-socket.ts';

export class WebSocket extends SimulatedSocket {
  constructor() {
    super();
    this.readyState = this.CONNECTING;
    here().voice.connect(this);
  }
}
