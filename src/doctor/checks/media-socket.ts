import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { WebSocket } from 'ws';
import type { Check } from '../check.ts';
import { ExchangeError } from '../exchange.ts';
import { failure, pass, warning } from '../finding.ts';
import { required } from '../usable-settings.ts';

/** Whether media streams get through by the public address: not every proxy lets WebSockets pass. */
export const mediaSocket: Check = {
  name: 'Media socket',
  remedy: 'see to the public URL first',
  run: async ({ settings }, signal) => {
    const needed = required(settings, 'PUBLIC_URL', 'TWILIO_AUTH_TOKEN');
    const url = `${needed.PUBLIC_URL.replace(/^http/, 'ws')}/media`;
    const authToken = needed.TWILIO_AUTH_TOKEN;
    const signed = await upgradeStatus(url, authToken, signal);
    if (signed === 503) return warning('there is no room for a call now', 'try again later');
    if (signed === 403) {
      return failure('a signed upgrade is refused', 'see to the public URL first');
    }
    if (signed !== 101) {
      return failure(
        `a WebSocket is answered with ${signed}, expected 101`,
        'have the proxy before the server pass WebSockets on',
      );
    }
    const forged = await upgradeStatus(url, `not ${authToken}`, signal);
    if (forged === 403) return pass('a signed upgrade is accepted, a forged one refused');
    return failure(
      `a forged upgrade is answered with ${forged}, expected 403`,
      'take the server off the network: whoever knows its address can open streams',
    );
  },
};

/** HTTP's status; 101 when it was accepted, and then it is closed at once. */
async function upgradeStatus(url: string, authToken: string, signal: AbortSignal): Promise<number> {
  const signature = getExpectedTwilioSignature(authToken, url, {});
  const socket = new WebSocket(url, { headers: { 'x-twilio-signature': signature } });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.on('open', () => resolve(101));
  socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode ?? 0));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const reason = error.code ?? 'no WebSocket';
    reject(new ExchangeError('unreachable', `expected PUBLIC_URL to answer, got ${reason}`));
  });
  try {
    signal.throwIfAborted();
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.terminate();
  }
}
