/**
 * The TwiML documents that we answer with. Each ends in Redirect or Hangup, never in Pause: what
 * follows `<Connect>` runs when the stream ends, for whatever reason, and silence would be heard.
 */
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { sayLanguage } from './say-language.ts';

/** Twilio would refuse the document; the message says which rule, without the offending value. */
export class TwimlError extends Error {
  override name = 'TwimlError';
}

/** Talks over a media stream; when the stream has ended, Twilio asks `continueUrl` what to do. */
export function connectStream(options: {
  /** `wss://` without a query, which Twilio would cut off. */
  streamUrl: string;
  /** Absolute. */
  statusCallbackUrl: string;
  /** Arrive as `customParameters` in the stream's `start`. */
  parameters: Record<string, string>;
  continueUrl: string;
}): string {
  if (!/^wss?:\/\/[^?#]+$/.test(options.streamUrl)) {
    throw new TwimlError('expected a wss:// stream URL without a query or a fragment');
  }
  const response = new VoiceResponse();
  const stream = response.connect().stream({
    url: xmlText(options.streamUrl),
    statusCallback: xmlText(options.statusCallbackUrl),
    statusCallbackMethod: 'POST',
  });
  for (const [name, value] of Object.entries(options.parameters)) {
    if (name.length + value.length >= PARAMETER_LENGTH_LIMIT) {
      throw new TwimlError(
        `expected a parameter of under ${PARAMETER_LENGTH_LIMIT} characters, ` +
          `got ${name.length + value.length} for "${name}"`,
      );
    }
    stream.parameter({ name: xmlText(name), value: xmlText(value) });
  }
  response.redirect({ method: 'POST' }, xmlText(options.continueUrl));
  return response.toString();
}

/** Silence, and then the same question: whoever was asked cannot answer it now. */
export function askAgain({ url, afterS }: { url: string; afterS: number }): string {
  const response = new VoiceResponse();
  response.pause({ length: Math.round(afterS) });
  response.redirect({ method: 'POST' }, xmlText(url));
  return response.toString();
}

export function hangUp(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/** @param options.language such as `en-GB`; Twilio's default is `en-US`. */
export function sayAndHangUp(options: { text: string; language?: string }): string {
  const response = new VoiceResponse();
  say(response, options.text, options.language);
  response.hangup();
  return response.toString();
}

/**
 * Connects the caller to a person; Twilio then posts `DialCallStatus` to `actionUrl`.
 * The number must come from our own table, never from the conversation.
 */
export function dialPerson(options: {
  /** E.164, such as +4930123456. */
  number: string;
  /** Said to the caller before it rings. */
  announce?: string;
  language?: string;
  /** Asked for what the person hears before the two are connected: `whisper`. */
  briefUrl?: string;
  /** Without it Twilio goes on in this document, however the call went. */
  actionUrl?: string;
  /** Said afterwards to a caller who is still there; only heard without `actionUrl`. */
  afterwards?: string;
  /** How long it rings; Twilio adds five seconds of its own. */
  timeoutS: number;
  /** How long the two may talk. */
  timeLimitS: number;
  /** Must be the called number or one that Twilio has verified; default the caller's own. */
  callerId?: string;
}): string {
  if (!E164.test(options.number)) throw new TwimlError('expected a number to dial in E.164 form');
  const response = new VoiceResponse();
  say(response, options.announce, options.language);
  const dial = response.dial({
    ...(options.actionUrl && { action: xmlText(options.actionUrl), method: 'POST' }),
    timeout: Math.min(600, Math.max(5, Math.round(options.timeoutS))),
    timeLimit: Math.round(options.timeLimitS),
    ...(options.callerId && { callerId: xmlText(options.callerId) }),
  });
  const brief = options.briefUrl ? { url: xmlText(options.briefUrl), method: 'POST' } : {};
  dial.number(brief, options.number);
  say(response, options.afterwards, options.language);
  response.hangup();
  return response.toString();
}

/**
 * What a dialled person hears before the caller is connected. It ends in no verb: one that hung up
 * would end the person's call, and Twilio connects the two when the document is over.
 */
export function whisper(options: { text: string; language?: string }): string {
  const response = new VoiceResponse();
  say(response, options.text, options.language);
  return response.toString();
}

/** Asks for a message after the tone; Twilio posts `RecordingUrl` to `actionUrl`. */
export function takeVoicemail(options: {
  /** Empty when the caller has been asked already. */
  text: string;
  language?: string;
  actionUrl: string;
  /** Told when the recording is stored, also if `actionUrl` could not be reached. */
  recordingStatusUrl?: string;
  maxLengthS: number;
}): string {
  const response = new VoiceResponse();
  say(response, options.text, options.language);
  // Without an action, Record asks the current document again and the caller is recorded in a loop.
  response.record({
    action: xmlText(options.actionUrl),
    method: 'POST',
    maxLength: Math.round(options.maxLengthS),
    playBeep: true,
    ...(options.recordingStatusUrl && {
      recordingStatusCallback: xmlText(options.recordingStatusUrl),
      recordingStatusCallbackMethod: 'POST',
    }),
  });
  response.hangup();
  return response.toString();
}

/** Of name and value together. */
const PARAMETER_LENGTH_LIMIT = 500;
const E164 = /^\+[1-9]\d{6,14}$/;

function say(response: VoiceResponse, text: string | undefined, language?: string): void {
  const words = xmlText(text ?? '');
  if (!words.trim()) return;
  // The SDK's list of languages lags behind Twilio's, so any tag is passed on.
  const attributes = language ? { language: xmlText(sayLanguage(language)) as never } : {};
  response.say(attributes, words);
}

/** Without what XML 1.0 cannot hold, escaped or not: a single such character fails the document. */
function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '');
}
