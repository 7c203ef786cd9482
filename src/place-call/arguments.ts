import { parseArgs } from 'node:util';

export type Step =
  | { type: 'say'; file: string }
  | { type: 'pause'; ms: number }
  | { type: 'press'; digit: string };

export interface CallArguments {
  /** Where the server listens. */
  url: string;
  /** What it believes its address to be: signatures are computed over it. */
  publicUrl: string;
  accountSid: string;
  authToken: string;
  steps: readonly Step[];
  out: string;
}

/** The command line is not one that we understand; the message says what was expected. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const USAGE = `npm run call -- --url http://127.0.0.1:8080 --say a.wav --pause 800 --say b.wav ...

  --url URL          where the server listens
  --say FILE.wav     speak this recording (16-bit PCM or mu-law WAV, any rate, mono)
  --pause MS         be silent for so long before the next step; without it, two steps are
                     separated by the agent's answer
  --press DIGIT      press a key
  --public-url URL   the server's PUBLIC_URL when it differs from --url
  --out FILE.wav     the call in stereo: caller left, agent right (default out/call.wav)

TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN must be in the environment, as the server has them.`;

/** @param args Without the program's name. @throws {UsageError} */
export function readArguments(
  args: string[],
  env: Record<string, string | undefined>,
): CallArguments {
  const { values, tokens } = parse(args);
  const problems: string[] = [];
  const url = values.url ?? '';
  if (!URL.canParse(url))
    problems.push(`--url: expected an address, got ${url ? 'something else' : 'none'}`);
  const accountSid = env.TWILIO_ACCOUNT_SID ?? '';
  const authToken = env.TWILIO_AUTH_TOKEN ?? '';
  if (!accountSid)
    problems.push('TWILIO_ACCOUNT_SID: expected the account SID of the server, it is not set');
  if (!authToken)
    problems.push('TWILIO_AUTH_TOKEN: expected the auth token of the server, it is not set');
  const steps = tokens.flatMap((token) => (token.kind === 'option' ? stepOf(token, problems) : []));
  if (steps.length === 0) problems.push('--say: expected at least one recording, got none');
  if (problems.length > 0) throw new UsageError(`${problems.join('\n')}\n\n${USAGE}`);
  const { out = 'out/call.wav', 'public-url': publicUrl = url } = values;
  return { url, publicUrl: publicUrl.replace(/\/+$/, ''), accountSid, authToken, steps, out };
}

function parse(args: string[]) {
  const repeated = { type: 'string', multiple: true } as const;
  const single = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      tokens: true,
      options: {
        url: single,
        say: repeated,
        pause: repeated,
        press: repeated,
        'public-url': single,
        out: single,
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function stepOf(token: { name: string; value?: string | undefined }, problems: string[]): Step[] {
  const value = token.value ?? '';
  switch (token.name) {
    case 'say':
      return [{ type: 'say', file: value }];
    case 'pause':
      if (!/^\d{1,5}$/.test(value)) problems.push('--pause: expected milliseconds up to 99999');
      return [{ type: 'pause', ms: Number(value) }];
    case 'press':
      if (!/^[0-9*#]$/.test(value)) problems.push('--press: expected one of 0 to 9, * and #');
      return [{ type: 'press', digit: value }];
    default:
      return [];
  }
}
