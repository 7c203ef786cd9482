/** The server as it is reached from outside: whether it is ours, and what it says of itself. */
import { z } from 'zod';
import { type ExchangeAnswer, exchange } from './exchange.ts';

const healthSchema = z.object({
  service: z.literal('twilio-ultravox-agent'),
  active_connections: z.number(),
});
const readySchema = z.object({ ready: z.boolean(), reason: z.string().optional() });

/**
 * Calls in progress by `/health`, of one replica; undefined where no server of ours answers.
 * @throws {ExchangeError}, or the signal's reason
 */
export async function activeCalls(
  publicUrl: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answer = await exchange('PUBLIC_URL', `${publicUrl}/health`, {}, signal);
  return read(healthSchema, answer)?.active_connections;
}

/**
 * Why it takes no calls, such as `engine`; undefined: it takes them.
 * @throws {ExchangeError}, or the signal's reason
 */
export async function whyNotReady(
  publicUrl: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await exchange('PUBLIC_URL', `${publicUrl}/ready`, {}, signal);
  const said = read(readySchema, answer);
  return said?.ready ? undefined : (said?.reason ?? `HTTP ${answer.status}`);
}

function read<T>(schema: z.ZodType<T>, { text }: ExchangeAnswer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
