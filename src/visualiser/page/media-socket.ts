/** The way of a call's sound to the server. */

const OPEN_MS = 10_000;

/** @param protocol with the page's token in it; @throws {Error} It is not opened in time, or at all. */
export async function openMediaSocket(protocol: string, signal: AbortSignal): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  const socket = new WebSocket(new URL('../media', location.href.replace(/^http/, 'ws')), protocol);
  const fail = () => reject(new Error('expected an open media socket, got none'));
  const abort = () => reject(signal.reason);
  const timer = setTimeout(fail, OPEN_MS);
  socket.onopen = () => resolve(socket);
  socket.onclose = fail;
  signal.addEventListener('abort', abort);
  try {
    return await promise;
  } catch (error) {
    socket.close();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    socket.onopen = null;
    socket.onclose = null;
  }
}
