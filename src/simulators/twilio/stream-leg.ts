/** Opens a call's media stream, and tells the server what becomes of it. */
import type { TimelineEntry } from './call-report.ts';
import type { PublicAddress } from './public-address.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedStream, type StreamEnd, type StreamKnobs } from './simulated-stream.ts';
import type { StreamRequest } from './twiml-runner.ts';
import type { WebhookClient } from './webhook-client.ts';

export interface StreamLegOptions {
  request: StreamRequest;
  address: PublicAddress;
  callSid: string;
  accountSid: string;
  knobs: StreamKnobs;
  random: SeededRandom;
  webhooks: WebhookClient;
  signUpgrade: 'plain' | 'trailingSlash' | 'wrong' | 'none';
  tell(url: string, event: string, fields: Record<string, string>): void;
  record(entry: Omit<TimelineEntry, 'trackMs'>): void;
  violate(text: string): void;
  onOpen(): void;
  onEnd(how: StreamEnd): void;
}

/** Undefined if the server is not there to be asked; then it has ended already. */
export function openStreamLeg(options: StreamLegOptions): SimulatedStream | undefined {
  const { request, address, random, record } = options;
  const url = address.realUrlOf(request.url);
  if (!url) {
    options.violate('31921 the stream is not below the public URL');
    options.onEnd('failed');
    return undefined;
  }
  const streamSid = random.sid('MZ');
  const tell = (event: string, extra: Record<string, string> = {}) => {
    if (!request.statusCallback) return;
    const StreamName = request.name ?? streamSid;
    const Timestamp = new Date().toISOString();
    const fields = { StreamSid: streamSid, StreamName, StreamEvent: event, ...extra, Timestamp };
    options.tell(request.statusCallback, event, fields);
  };
  return new SimulatedStream({
    ...options.knobs,
    url,
    headers: { host: new URL(request.url).host, ...signature(options) },
    streamSid,
    callSid: options.callSid,
    accountSid: options.accountSid,
    customParameters: request.customParameters,
    random,
    onOpen: () => {
      record({ atMs: performance.now(), type: 'started', name: streamSid });
      tell('stream-started');
      options.onOpen();
    },
    onEvent: record,
    onViolation: options.violate,
    onEnd: (how) => {
      record({ atMs: performance.now(), type: 'stopped', name: how });
      if (how === 'failed') tell('stream-error', { StreamError: '31920' });
      else tell('stream-stopped');
      options.onEnd(how);
    },
  });
}

function signature({ request, signUpgrade, webhooks }: StreamLegOptions): Record<string, string> {
  if (signUpgrade === 'none') return {};
  const url = signUpgrade === 'trailingSlash' ? `${request.url.replace(/\/$/, '')}/` : request.url;
  return { 'x-twilio-signature': webhooks.sign(signUpgrade === 'wrong' ? `${url}x` : url, {}) };
}
