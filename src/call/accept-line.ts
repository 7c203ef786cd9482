import type { WebSocket } from 'ws';
import { acceptMediaStream, type MediaStream, MediaStreamError } from '../twilio/media-stream.ts';
import type { CallServices } from './call-services.ts';

/** Twilio sends a frame every 20 ms, silence too: a socket without any for this long is dead. */
const SILENT_SOCKET_MS = 5000;

/**
 * The stream of a call that was promised, and comes only here. What the caller says meanwhile is kept.
 * @throws {MediaStreamError}
 */
export async function acceptLine(
  socket: WebSocket,
  firstMessagesMs: number,
  { verify, claim }: Pick<CallServices, 'verify' | 'claim'>,
): Promise<MediaStream> {
  const silentSocketMs = SILENT_SOCKET_MS;
  const stream = await acceptMediaStream(socket, { firstMessagesMs, silentSocketMs, verify });
  if (!claim || (await claim(stream.start))) return stream;
  stream.close();
  throw new MediaStreamError(
    'refused',
    'expected a stream of its own, got one that has begun elsewhere',
  );
}
