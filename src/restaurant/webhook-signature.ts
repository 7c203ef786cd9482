import { createHmac } from 'node:crypto';

/**
 * The `x-signature` header of a request: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body", hex>`.
 * The moment is signed with the body, so that an old request cannot be sent again as a new one.
 */
export function webhookSignature(body: string, secret: string, unixSeconds: number): string {
  const digest = createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex');
  return `t=${unixSeconds},v1=${digest}`;
}
