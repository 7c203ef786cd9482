import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { BookingWebhook } from '../src/restaurant/booking-webhook.ts';
import { isPublicAddress, publicLookup } from '../src/restaurant/public-address.ts';
import { BookUnavailableError } from '../src/restaurant/reservation-book.ts';
import { WebhookError, type WebhookErrorKind } from '../src/restaurant/webhook-error.ts';
import { type Answering, bookingSystem, json, SECRET } from './support/booking-system.ts';

const WISH = { date: '2026-11-27', time: '19:30', partySize: 4 };
const KEY = 'CA1:3:hold_table:0123456789abcdef';
const RESERVATION = { id: 'r-7', ...WISH, name: 'Miller', phone: '+4915112345678' };
const HELD = {
  version: 1,
  done: true,
  reservation: { ...RESERVATION, status: 'held' },
  expiresAt: 1_795_804_200_000,
};
const HOLD = { ...WISH, name: 'Miller', phone: '+4915112345678', callSid: 'CA1' };

test('a hold is one signed request with its key, and its answer is the outcome', async (t) => {
  const { webhook, received } = await bookingSystem(t, [json(HELD)]);
  const outcome = await webhook.hold(KEY, HOLD);
  assert.ok(outcome.done);
  assert.deepEqual(outcome.reservation, HELD.reservation);
  assert.equal(outcome.expiresAt, HELD.expiresAt);

  const [request] = received;
  assert.ok(request);
  assert.equal(request.method, 'POST');
  assert.equal(request.path, '/book?v=1');
  assert.equal(request.headers['idempotency-key'], KEY);
  const { callSid, ...args } = HOLD;
  assert.deepEqual(JSON.parse(request.body), {
    version: 1,
    operation: 'hold',
    key: KEY,
    call: 'CA1',
    arguments: args,
  });
});

test('the signature can be verified as the documentation says', async (t) => {
  const { webhook, received } = await bookingSystem(t, [json(HELD)]);
  await webhook.hold(KEY, HOLD);
  const [request] = received;
  assert.ok(request);
  const header = String(request.headers['x-signature']);
  const [, seconds = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const verify = (body: string) =>
    timingSafeEqual(
      createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest(),
      Buffer.from(signature, 'hex'),
    );
  assert.ok(Math.abs(Date.now() / 1000 - Number(seconds)) < 60);
  assert.ok(verify(request.body));
  assert.ok(!verify(`${request.body} `));
});

test('each operation says what it is and takes its own answer', async (t) => {
  const booked = { ...RESERVATION, status: 'confirmed' };
  const { webhook, received } = await bookingSystem(t, [
    json({ version: 1, done: true, alternatives: ['20:00'] }),
    json({ version: 1, done: true, reservation: booked }),
    json({ version: 1, done: true, reservation: { ...booked, time: '20:00' } }),
    json({ version: 1, done: true, reservation: { ...booked, status: 'cancelled' } }),
    json({ version: 1, done: true, reservations: [booked] }),
    json({ version: 1, done: false, reason: 'full', alternatives: ['18:00'] }),
  ]);
  const free = await webhook.availability(WISH);
  assert.deepEqual(free.done && free.alternatives, ['20:00']);
  const confirmed = await webhook.confirm('CA1:4:confirm', 'r-7');
  assert.equal(confirmed.done && confirmed.reservation.status, 'confirmed');
  const changed = await webhook.change('CA1:5:change', 'r-7', { ...WISH, time: '20:00' });
  assert.equal(changed.done && changed.reservation.time, '20:00');
  const cancelled = await webhook.cancel('CA1:6:cancel', 'r-7');
  assert.equal(cancelled.done && cancelled.reservation.status, 'cancelled');
  assert.deepEqual(await webhook.find('Miller', '5678'), [booked]);
  const full = await webhook.hold(KEY, HOLD);
  assert.deepEqual(!full.done && [full.reason, full.alternatives], ['full', ['18:00']]);

  const sent = received.map(({ body }) => JSON.parse(body));
  assert.deepEqual(
    sent.map(({ operation, arguments: args }) => [operation, args]),
    [
      ['availability', WISH],
      ['confirm', { id: 'r-7' }],
      ['change', { id: 'r-7', ...WISH, time: '20:00' }],
      ['cancel', { id: 'r-7' }],
      ['find', { name: 'Miller', lastDigits: '5678' }],
      ['hold', { ...WISH, name: 'Miller', phone: '+4915112345678' }],
    ],
  );
  assert.equal(new Set(sent.map(({ key }) => key)).size, 6);
});

test('one connection serves request after request, and none is left once it is closed', async (t) => {
  const { webhook, sockets } = await bookingSystem(t, [json(HELD)]);
  for (let request = 0; request < 5; request++) await webhook.hold(KEY, HOLD);
  assert.equal(sockets.size, 1);
  const [socket] = sockets;
  const closed = new Promise((resolve) => socket?.on('close', resolve));
  webhook.close();
  await closed;
});

const drop: Answering = (response) => response.destroy();

test('what can pass is tried once more, with the same key and body', async (t) => {
  const passing: Answering[] = [drop, json({}, 500), json({}, 503), json({}, 429), json({}, 502)];
  for (const answer of passing) {
    const { webhook, received } = await bookingSystem(t, [answer, json(HELD)]);
    assert.equal((await webhook.hold(KEY, HOLD)).done, true);
    assert.equal(received.length, 2);
    assert.equal(received[0]?.body, received[1]?.body);
    assert.equal(received[1]?.headers['idempotency-key'], KEY);
  }
});

/** Fails, and says how: the kind of the last exchange, if the outcome is uncertain, and the requests. */
async function failure(
  t: Parameters<typeof bookingSystem>[0],
  answers: Answering[],
  exchangeMs?: number,
): Promise<[WebhookErrorKind | undefined, boolean, number]> {
  const { webhook, received } = await bookingSystem(t, answers, { exchangeMs });
  const error = await webhook.hold(KEY, HOLD).then(
    () => assert.fail('expected a failure'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BookUnavailableError);
  assert.doesNotMatch(error.message, /Miller|4915112345678|secret/);
  const { cause } = error;
  return [cause instanceof WebhookError ? cause.kind : undefined, error.uncertain, received.length];
}

test('after two failures the book is unavailable, and uncertain if it may have been done', async (t) => {
  assert.deepEqual(await failure(t, [drop]), ['connection', true, 2]);
  assert.deepEqual(await failure(t, [() => undefined], 250), ['timeout', true, 2]);
  assert.deepEqual(await failure(t, [json({}, 500)]), ['status', true, 2]);
  assert.deepEqual(await failure(t, [json({}, 503)]), ['status', false, 2]);
  assert.deepEqual(await failure(t, [json({}, 429)]), ['status', false, 2]);
  assert.deepEqual(await failure(t, [drop, json({}, 503)]), ['status', true, 2]);
  assert.deepEqual(await failure(t, [drop, json({}, 400)]), ['status', true, 2]);
});

test('what the system refuses or says wrongly is not tried again', async (t) => {
  assert.deepEqual(await failure(t, [json({}, 400)]), ['status', false, 1]);
  assert.deepEqual(await failure(t, [json({}, 401)]), ['status', false, 1]);
  const wrong: unknown[] = [
    null,
    [],
    {},
    { ...HELD, version: 2 },
    { ...HELD, more: 1 },
    { ...HELD, expiresAt: 'soon' },
    { ...HELD, reservation: { ...HELD.reservation, time: '20:00' } },
    { ...HELD, reservation: { ...HELD.reservation, status: 'confirmed' } },
    { ...HELD, reservation: { ...HELD.reservation, id: '' } },
    { ...HELD, reservation: { ...HELD.reservation, number: '+1900' } },
    { version: 1, done: false, reason: 'because' },
    { version: 1, done: false, reason: 'full', alternatives: ['tomorrow'] },
  ];
  for (const answer of wrong) {
    assert.deepEqual(await failure(t, [json(answer)]), ['garbage', true, 1]);
  }
});

test('an answer about another booking is none', async (t) => {
  const booked = { ...RESERVATION, status: 'confirmed' };
  const { webhook } = await bookingSystem(t, [
    json({ version: 1, done: true, reservation: { ...booked, id: 'r-8' } }),
    json({ version: 1, done: true, reservation: booked }),
    json({ version: 1, done: true, reservations: [{ ...booked, status: 'held' }] }),
  ]);
  await assert.rejects(webhook.confirm('CA1:4:confirm', 'r-7'), BookUnavailableError);
  await assert.rejects(webhook.cancel('CA1:4:cancel', 'r-7'), BookUnavailableError);
  await assert.rejects(webhook.find('Miller', '5678'), BookUnavailableError);
});

test('a redirect is not followed', async (t) => {
  for (const status of [301, 302, 307, 308]) {
    const redirect: Answering = (response) => {
      response.writeHead(status, { location: '/elsewhere' }).end();
    };
    assert.deepEqual(await failure(t, [redirect]), ['status', false, 1]);
  }
});

test('only JSON of at most 64 KiB is read', async (t) => {
  const text: Answering = (response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify(HELD));
  };
  assert.deepEqual(await failure(t, [text]), ['garbage', true, 1]);
  const noJson: Answering = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"version":1,');
  };
  assert.deepEqual(await failure(t, [noJson]), ['garbage', true, 1]);
  const padded = (bytes: number): Answering => {
    const body = JSON.stringify(HELD);
    return (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body + ' '.repeat(bytes - body.length));
    };
  };
  assert.deepEqual(await failure(t, [padded(65 * 1024)]), ['garbage', true, 1]);
  const { webhook } = await bookingSystem(t, [padded(64 * 1024)]);
  assert.equal((await webhook.hold(KEY, HOLD)).done, true);
});

test('an answer that drips is cut off in time', async (t) => {
  const drip: Answering = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const next = () => {
      if (response.destroyed) return;
      response.write(' ');
      setTimeout(next, 20);
    };
    next();
  };
  const from = performance.now();
  assert.deepEqual(await failure(t, [drip], 250), ['timeout', true, 2]);
  assert.ok(performance.now() - from >= 490);
  const cutShort: Answering = (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' });
    response.write('{');
    response.destroy();
  };
  assert.deepEqual(await failure(t, [cutShort]), ['connection', true, 2]);
});

test('reading is never uncertain', async (t) => {
  const { webhook } = await bookingSystem(t, [drop]);
  const isCertain = (error: unknown) => error instanceof BookUnavailableError && !error.uncertain;
  await assert.rejects(webhook.availability(WISH), isCertain);
  await assert.rejects(webhook.find('Miller', '5678'), isCertain);
});

test('no connection means that nothing was done', async (t) => {
  const { webhook, port } = await bookingSystem(t, [drop]);
  const isCertain = (error: unknown) => error instanceof BookUnavailableError && !error.uncertain;
  const untrusted = new BookingWebhook({
    url: `https://bookings.example:${port}/`,
    secret: SECRET,
    lookup: answering(['127.0.0.1']),
  });
  await assert.rejects(untrusted.hold(KEY, HOLD), isCertain);
  const nobody = new BookingWebhook({
    url: 'https://bookings.example:1/',
    secret: SECRET,
    lookup: answering(['127.0.0.1']),
  });
  await assert.rejects(nobody.hold(KEY, HOLD), isCertain);
  webhook.close();
  untrusted.close();
  nobody.close();
});

test('only https addresses with a name are taken', () => {
  const wrong = [
    'http://bookings.example/',
    'https://127.0.0.1/',
    'https://8.8.8.8/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://user:pass@bookings.example/',
    'file:///etc/passwd',
    'bookings.example',
  ];
  for (const url of wrong) {
    assert.throws(() => new BookingWebhook({ url, secret: SECRET }), TypeError, url);
  }
});

const PRIVATE = [
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '0.0.0.0'],
  ...['169.254.169.254', '100.64.0.1', '100.100.100.200', '168.63.129.16', '224.0.0.1'],
  ...['255.255.255.255', '198.18.0.1', '192.0.2.1', '203.0.113.9', '240.0.0.1'],
  ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', 'fec0::1'],
  ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a9fe:a9fe', '::127.0.0.1'],
  ...['64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '2002:7f00:1::', '2001::1', '2001:db8::1', '100::1'],
  ...['', 'localhost', '8.8.8.8 ', '010.0.0.1'],
];

test('public addresses are told from all others', () => {
  for (const address of PRIVATE) assert.equal(isPublicAddress(address), false, address);
  const open = [
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
  ];
  for (const address of open) assert.equal(isPublicAddress(address), true, address);
});

/** A resolver that answers with these, and counts how often it is asked. */
function answering(addresses: readonly string[], onAsked: () => void = () => undefined) {
  const resolve: LookupFunction = (_host, options, callback) => {
    onAsked();
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, all);
    else callback(null, addresses[0] ?? '', 4);
  };
  return resolve;
}

test('a name that leads to a private address is refused before anything is sent', async (t) => {
  for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], []]) {
    const { webhook, sockets } = await bookingSystem(t, [json(HELD)], {
      lookup: publicLookup(answering(addresses)),
    });
    await assert.rejects(webhook.hold(KEY, HOLD), (error: BookUnavailableError) => {
      assert.equal((error.cause as WebhookError).kind, 'address');
      assert.equal(error.uncertain, false);
      return true;
    });
    assert.equal(sockets.size, 0);
  }
});

test('the address that was checked is the one that is dialled, at each connection anew', async () => {
  let asked = 0;
  const rebinding: LookupFunction = (host, options, callback) => {
    asked += 1;
    // Public when it is asked first, this machine ever after.
    answering(asked === 1 ? ['8.8.8.8'] : ['127.0.0.1'])(host, options, callback);
  };
  const lookup = publicLookup(rebinding);
  const resolve = (all: boolean) =>
    new Promise((resolve, reject) => {
      lookup('bookings.example', { all }, (error, address) =>
        error ? reject(error) : resolve(address),
      );
    });
  assert.deepEqual(await resolve(true), [{ address: '8.8.8.8', family: 4 }]);
  assert.equal(asked, 1);
  await assert.rejects(resolve(true), { name: 'AddressError' });
  await assert.rejects(resolve(false), { name: 'AddressError' });
  assert.equal(asked, 3);
});
