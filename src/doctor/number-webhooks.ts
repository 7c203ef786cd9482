/** How a telephone number should be set up at Twilio (docs/twilio.md), and what of it is not so. */
import { TOLD_AGAIN } from '../twilio/told-again.ts';
import type { TwilioNumber } from './twilio-api.ts';

export interface WebhookChange {
  /** For people: `webhook`, `status callback method`. */
  setting: string;
  /** As Twilio's form calls it. */
  field: string;
  before: string;
  after: string;
  /** Whether the number's calls do not reach this server as it is. */
  isGrave: boolean;
}

/** Once more after a failure, within the 15 s that Twilio gives a webhook; a fragment is not sent. */
const ASKED_AGAIN = '#rc=2&rp=ct,5xx&rt=4000&tt=12000';
/** A document that Twilio keeps itself: it needs nothing of ours, and is the better fallback. */
const TWIML_BIN = 'https://handler.twilio.com/';

/** What would have to change, the gravest first. @param publicUrl without a slash at its end */
export function webhookChanges(number: TwilioNumber, publicUrl: string): WebhookChange[] {
  const [webhook, fallback] = [`${publicUrl}/`, `${publicUrl}/fallback`];
  const status = `${publicUrl}/status${TOLD_AGAIN}`;
  const [voiceUrl, overrides] = parts(number.voice_url);
  const [fallbackUrl] = parts(number.voice_fallback_url);
  const changes: WebhookChange[] = [];
  const change = (setting: string, field: string, before: string, after: string) =>
    changes.push({ setting, field, before: shownUrl(before), after, isGrave: false });
  if (voiceUrl !== webhook || !overrides) {
    const isGrave = voiceUrl !== webhook;
    const before = shownUrl(number.voice_url);
    const after = webhook + ASKED_AGAIN;
    changes.push({ setting: 'webhook', field: 'VoiceUrl', before, after, isGrave });
  }
  if (number.voice_method !== 'POST') {
    change('webhook method', 'VoiceMethod', number.voice_method, 'POST');
  }
  // It answers to GET as it does to POST.
  if (fallbackUrl !== fallback && !fallbackUrl.startsWith(TWIML_BIN)) {
    change('fallback', 'VoiceFallbackUrl', number.voice_fallback_url, fallback);
  }
  if (number.status_callback !== status) {
    change('status callback', 'StatusCallback', number.status_callback, status);
  }
  if (number.status_callback_method !== 'POST') {
    change('status callback method', 'StatusCallbackMethod', number.status_callback_method, 'POST');
  }
  return changes;
}

/** Its webhook is this server's, whatever else may be wrong. */
export function callsUs({ voice_url }: TwilioNumber, publicUrl: string): boolean {
  const [url] = parts(voice_url);
  return url === publicUrl || url.startsWith(`${publicUrl}/`) || url.startsWith(`${publicUrl}?`);
}

/** The address, and what is behind its `#`. */
function parts(url: string): [address: string, fragment: string] {
  const [address = '', fragment = ''] = url.split('#', 2);
  return [address, fragment];
}

/** Somebody else's address may hold a password or a key. */
function shownUrl(value: string): string {
  const url = URL.parse(value);
  if (!url) return value || 'nothing';
  const query = url.search ? '?...' : '';
  return `${url.protocol}//${url.host}${url.pathname}${query}${url.hash}`;
}
