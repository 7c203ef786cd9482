import type { Check } from '../check.ts';
import { failure, findingOf, type Problem, warning } from '../finding.ts';
import { webhookChanges } from '../number-webhooks.ts';
import { ourNumbers, shownNumber } from '../our-number.ts';
import { type TwilioNumber, twilioApi } from '../twilio-api.ts';
import { required } from '../usable-settings.ts';

/** How the telephone number reaches this server. */
export const twilioNumber: Check = {
  name: 'Twilio number',
  remedy: 'see to the account first',
  run: async ({ settings, number: asked }, signal) => {
    const api = twilioApi(settings);
    const { PUBLIC_URL: publicUrl } = required(settings, 'PUBLIC_URL');
    const hints = { publicUrl, asked, outboundFrom: settings.OUTBOUND_FROM };
    const ours = ourNumbers(await api.numbers(signal), hints);
    if ('problem' in ours) return ours.problem;
    const shown = ours.numbers.map(shownNumber).join(', ');
    const problems = ours.numbers.flatMap((number) => problemsOf(number, publicUrl, asked));
    return findingOf(problems, `${shown}: webhook, fallback and status callback are set`);
  },
};

function problemsOf(number: TwilioNumber, publicUrl: string, asked: string | undefined): Problem[] {
  const shown = shownNumber(number);
  if (!number.capabilities.voice) {
    return [failure(`${shown} takes no calls`, 'use a number with voice')];
  }
  const owner = number.trunk_sid
    ? 'a SIP trunk'
    : number.voice_application_sid && 'a TwiML application';
  if (owner) {
    const next = `take the number out of ${owner} in Twilio's console`;
    return [failure(`${shown} belongs to ${owner}, so its own webhook is not asked`, next)];
  }
  const fix = `npm run doctor -- --fix${asked ? ' --number +...' : ''}`;
  return webhookChanges(number, publicUrl).map(({ setting, before, after, isGrave }, at) => {
    // They are told in this order, after one another.
    const found = `${at === 0 ? `${shown}: ` : ''}expected the ${setting} ${after}, got ${before}`;
    return isGrave ? failure(found, fix) : warning(found, fix);
  });
}
