/** Which of an account's telephone numbers is the one that calls this server, or should. */
import { last4 } from '../journal/caller-key.ts';
import { failure, type Problem } from './finding.ts';
import { callsUs } from './number-webhooks.ts';
import type { TwilioNumber } from './twilio-api.ts';

export interface NumberHints {
  publicUrl: string;
  /** The one that was named on the command line. */
  asked: string | undefined;
  /** The caller id of outbound calls. */
  outboundFrom: string | undefined;
}

/**
 * The number that was named; else all that call this server already; else the one that calls are made
 * with; else the only one.
 */
export function ourNumbers(
  numbers: readonly TwilioNumber[],
  { publicUrl, asked, outboundFrom }: NumberHints,
): { numbers: readonly TwilioNumber[] } | { problem: Problem } {
  const named = (phone: string | undefined) =>
    numbers.filter(({ phone_number }) => phone_number === phone);
  if (asked) {
    const [found] = named(asked);
    if (found) return { numbers: [found] };
    const next = 'name one of the account with --number, or use the account that it belongs to';
    return { problem: failure(`the account has no number ...${last4(asked)}`, next) };
  }
  const able = numbers.filter(({ capabilities }) => capabilities.voice);
  const choices = [
    numbers.filter((number) => callsUs(number, publicUrl)),
    named(outboundFrom),
    able.length === 1 ? able : [],
  ];
  const ours = choices.find((choice) => choice.length > 0);
  if (ours) return { numbers: ours };
  return {
    problem:
      able.length === 0
        ? failure('the account has no number that takes calls', 'buy one at Twilio, with voice')
        : failure(
            `none of the account's ${able.length} numbers calls this server`,
            'npm run doctor -- --fix --number +..., with the number that it is to answer',
          ),
  };
}

/** The last four digits, as a person knows it. */
export function shownNumber({ phone_number }: TwilioNumber): string {
  return `number ...${phone_number.slice(-4)}`;
}
