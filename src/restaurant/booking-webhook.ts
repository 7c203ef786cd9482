import { Agent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { z } from 'zod';
import { publicLookup } from './public-address.ts';
import {
  BookUnavailableError,
  type Guest,
  type Outcome,
  type Reservation,
  type ReservationBook,
  type Wish,
} from './reservation-book.ts';
import { availabilityAnswer, bookingAnswer, findAnswer, holdAnswer } from './webhook-answer.ts';
import { WebhookError } from './webhook-error.ts';
import { exchange } from './webhook-exchange.ts';
import { webhookSignature } from './webhook-signature.ts';

export interface BookingWebhookOptions {
  /** The one address that everything is sent to; https, with a name and not an address as its host. */
  url: string;
  /** Shared with the restaurant's system: signs every request. */
  secret: string;
  /** Of one exchange, the name's resolution and the whole answer included. */
  exchangeMs?: number;
  /** For tests, which have no public address. */
  lookup?: LookupFunction;
  /** For tests: whose certificates are trusted, PEM. */
  ca?: string;
}

type Operation = 'availability' | 'hold' | 'confirm' | 'change' | 'cancel' | 'find';
type Booked = Outcome<{ reservation: Reservation }>;

/** The restaurant's own system, over HTTPS. Its protocol is in `docs/bookings.md`. */
export class BookingWebhook implements ReservationBook {
  readonly #url: URL;
  readonly #secret: string;
  readonly #exchangeMs: number;
  readonly #agent: Agent;

  /** @throws {TypeError} for an address that is not https, or whose host is not a name */
  constructor(options: BookingWebhookOptions) {
    this.#url = new URL(options.url);
    const { protocol, hostname, username, password } = this.#url;
    // No name, no lookup: an address would go unchecked.
    if (protocol !== 'https:' || isIP(hostname.replace(/^\[|\]$/g, '')) || username || password) {
      throw new TypeError('expected an https address with a host name and without a password');
    }
    this.#secret = options.secret;
    this.#exchangeMs = options.exchangeMs ?? EXCHANGE_MS;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      lookup: options.lookup ?? publicLookup(),
      ...(options.ca !== undefined && { ca: options.ca }),
    });
  }

  availability(wish: Wish): Promise<Outcome<{ alternatives: readonly string[] }>> {
    return this.#ask('availability', undefined, wishOf(wish), availabilityAnswer);
  }

  hold(
    key: string,
    { name, phone, note, ...hold }: Wish & Guest & { callSid: string },
  ): Promise<Outcome<{ reservation: Reservation; expiresAt: number }>> {
    const wish = wishOf(hold);
    return this.#ask('hold', key, { ...wish, name, phone, note }, holdAnswer(wish));
  }

  confirm(key: string, id: string): Promise<Booked> {
    return this.#ask('confirm', key, { id }, bookingAnswer({ id, status: 'confirmed' }));
  }

  change(key: string, id: string, change: Wish): Promise<Booked> {
    const wish = wishOf(change);
    const expected = bookingAnswer({ id, status: 'confirmed', ...wish });
    return this.#ask('change', key, { id, ...wish }, expected);
  }

  cancel(key: string, id: string): Promise<Booked> {
    return this.#ask('cancel', key, { id }, bookingAnswer({ id, status: 'cancelled' }));
  }

  async find(name: string, lastDigits: string): Promise<readonly Reservation[]> {
    const answer = await this.#ask('find', undefined, { name, lastDigits }, findAnswer);
    return answer.reservations;
  }

  /** Closes the connections that are kept open. */
  close(): void {
    this.#agent.destroy();
  }

  /** @param key of an operation that changes something; its beginning is the call */
  async #ask<T>(
    operation: Operation,
    key: string | undefined,
    args: object,
    expected: z.ZodType<T>,
  ): Promise<T> {
    const call = key?.slice(0, key.indexOf(':'));
    const sent = key ?? crypto.randomUUID();
    const body = JSON.stringify({ version: 1, operation, key: sent, call, arguments: args });
    try {
      return await this.#exchange(body, sent, expected);
    } catch (first) {
      if (!(first instanceof WebhookError) || !first.isRetryable) throw unavailable(key, first);
      try {
        return await this.#exchange(body, sent, expected);
      } catch (second) {
        throw unavailable(key, first, second);
      }
    }
  }

  async #exchange<T>(body: string, key: string, expected: z.ZodType<T>): Promise<T> {
    const answer = await exchange({
      url: this.#url,
      agent: this.#agent,
      headers: {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        accept: 'application/json',
        'idempotency-key': key,
        'x-signature': webhookSignature(body, this.#secret, Math.floor(Date.now() / 1000)),
      },
      body,
      boundMs: this.#exchangeMs,
    });
    const parsed = expected.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new WebhookError('garbage', 'expected an answer of the protocol, got another', {
      mayBeDone: true,
    });
  }
}

/** Two exchanges stay within the time that a tool has. */
const EXCHANGE_MS = 2_000;
/** To one host, from all calls of this process. */
const MAX_SOCKETS = 32;

function wishOf({ date, time, partySize }: Wish): Wish {
  return { date, time, partySize };
}

/** What changes nothing is never uncertain. @param failures of all exchanges */
function unavailable(key: string | undefined, ...failures: unknown[]): BookUnavailableError {
  const mayBeDone = failures.some((each) => !(each instanceof WebhookError) || each.mayBeDone);
  const last = failures.at(-1);
  const what = last instanceof WebhookError ? last.message : 'an exchange failed';
  return new BookUnavailableError(`the booking system: ${what}`, {
    uncertain: key !== undefined && mayBeDone,
    cause: last,
  });
}
