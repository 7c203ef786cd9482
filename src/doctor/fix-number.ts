/** `--fix`: points the telephone number at this server. Nothing else is ever changed. */
import type { CheckContext } from './check.ts';
import { type WebhookChange, webhookChanges } from './number-webhooks.ts';
import { ourNumbers, shownNumber } from './our-number.ts';
import { type TwilioApi, type TwilioNumber, twilioApi } from './twilio-api.ts';
import { required } from './usable-settings.ts';

export interface FixDialogue {
  /** Shows what would be changed, or what came of it. */
  say(text: string): void;
  confirm(question: string): Promise<boolean>;
}

/** On each request. */
const BOUND_MS = 6000;

/**
 * Shows what would be set, asks, and sets it.
 * @returns whether something was changed
 */
export async function fixNumber(context: CheckContext, dialogue: FixDialogue): Promise<boolean> {
  try {
    const api = twilioApi(context.settings);
    const fixes = await within((signal) => fixesFor(context, api, signal));
    if (fixes.length === 0) {
      dialogue.say('Nothing to set at Twilio.');
      return false;
    }
    dialogue.say(fixes.map(beforeAndAfter).join('\n'));
    if (!(await dialogue.confirm('Set these at Twilio?'))) {
      dialogue.say('Nothing was changed.');
      return false;
    }
    for (const { number, changes } of fixes) {
      const form = Object.fromEntries(changes.map(({ field, after }) => [field, after]));
      await within((signal) => api.updateNumber(number.sid, form, signal));
      dialogue.say(`${shownNumber(number)} is set.`);
    }
    return true;
  } catch (error) {
    // Our own errors hold no secret.
    if (!(error instanceof Error && 'kind' in error)) throw error;
    dialogue.say(`Not set: ${error.message}`);
    return false;
  }
}

interface NumberFix {
  number: TwilioNumber;
  changes: readonly WebhookChange[];
}

/** None where no number can be told to be ours: its check says why. */
async function fixesFor(
  { settings, number: asked }: CheckContext,
  api: TwilioApi,
  signal: AbortSignal,
): Promise<NumberFix[]> {
  const { PUBLIC_URL: publicUrl } = required(settings, 'PUBLIC_URL');
  const hints = { publicUrl, asked, outboundFrom: settings.OUTBOUND_FROM };
  const ours = ourNumbers(await api.numbers(signal), hints);
  if ('problem' in ours) return [];
  return ours.numbers
    .map((number) => ({ number, changes: webhookChanges(number, publicUrl) }))
    .filter(({ changes }) => changes.length > 0);
}

function beforeAndAfter({ number, changes }: NumberFix): string {
  const width = Math.max(...changes.map(({ setting }) => setting.length));
  const lines = changes.map(
    ({ setting, before, after }) => `  ${setting.padEnd(width)}  ${before} -> ${after}`,
  );
  return [`${shownNumber(number)}:`, ...lines].join('\n');
}

async function within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = new FixError(`expected Twilio to answer within ${BOUND_MS / 1000} s`);
  const timer = setTimeout(() => limit.abort(late), BOUND_MS);
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Twilio did not answer in time. */
class FixError extends Error {
  override name = 'FixError';
  readonly kind = 'late';
}
