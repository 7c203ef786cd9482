/** What is known of a call as a whole. */
import type { MessageJson, ReservationJson, WholeCallJson } from './call-json.ts';
import { type Child, element } from './element.ts';
import { dayTime, duration, maskedNumber, milliseconds } from './format.ts';
import { words } from './words.ts';

export function figuresCard(call: WholeCallJson): HTMLElement {
  const { response } = call.latencies ?? {};
  const spread =
    response && `${milliseconds(response.p50)} median, ${milliseconds(response.p95)} p95`;
  const { tool_calls: tools, versions, handoff_destination: destination, speculation } = call;
  const counted = Object.entries(tools ?? {}).map(([name, count]) => `${name} ${count}×`);
  const rows: [string, Child][] = [
    ['Response', spread],
    ['Answers', call.turns],
    ['Interruptions', call.interruptions],
    ['Prepared answers', speculation && preparedAnswers(speculation)],
    ['Longest silence', call.dead_air_ms === null ? null : milliseconds(call.dead_air_ms)],
    ['Asked again', call.reprompts || null],
    ['Failed answers', call.failures || null],
    ['Tools', counted.length > 0 ? words(counted.join(', ')) : null],
    ['Handed to', destination && words(`${destination} ${call.handoff_status ?? ''}`)],
    ['Brief', call.handoff_brief && words(call.handoff_brief)],
    ['Answered by', call.answered_by && words(call.answered_by)],
    ['Language', call.language && words(call.language)],
    ['Program', versions && words(Object.values(versions).join(' · '))],
  ];
  return element(
    'div',
    { class: 'call-figures' },
    call.summary && element('p', { class: 'summary' }, words(call.summary)),
    tags(call.tags),
    element('dl', { class: 'facts' }, ...rows.flatMap(([name, value]) => fact(name, value))),
    call.reservation && reservation(call.reservation),
    ...call.messages.map(message),
  );
}

function preparedAnswers({
  used,
  dropped,
  wastedMs,
}: NonNullable<WholeCallJson['speculation']>): string {
  return `${used} used, ${dropped} dropped (${milliseconds(wastedMs)} of the engine)`;
}

function fact(name: string, value: Child): HTMLElement[] {
  if (value === null || value === undefined || value === false || value === '') return [];
  return [element('div', {}, element('dt', {}, name), element('dd', { class: 'number' }, value))];
}

function tags(names: WholeCallJson['tags']): HTMLElement | undefined {
  if (!names || names.length === 0) return undefined;
  const badges = names.map((name) => element('li', { class: 'badge' }, words(plain(name))));
  return element('ul', { class: 'tags', 'aria-label': 'Tags' }, ...badges);
}

function plain(name: string): string {
  return name.replaceAll('_', ' ');
}

function reservation(booking: ReservationJson): HTMLElement {
  const { party_size, date, time, note, status } = booking;
  const what = `${party_size} on ${date} at ${time}`;
  return element(
    'section',
    { class: 'kept' },
    element('h3', {}, 'Reservation'),
    element('p', {}, what, ' ', element('span', { class: 'badge' }, status)),
    element('p', { class: 'soft' }, words(whose(booking))),
    note && element('p', {}, words(note)),
  );
}

function message(kept: MessageJson): HTMLElement {
  const { kind, created_at, text, recording_s } = kept;
  const title = kind === 'voicemail' ? 'Voicemail' : 'Message';
  const length = recording_s === null ? '' : `, ${duration(recording_s * 1000)} long`;
  return element(
    'section',
    { class: 'kept' },
    element('h3', {}, `${title}, ${dayTime(Date.parse(created_at))}${length}`),
    element('p', { class: 'soft' }, words(whose(kept))),
    text && element('p', {}, words(text)),
  );
}

function whose({ name, phone_last4 }: Pick<ReservationJson, 'name' | 'phone_last4'>): string {
  return [name ?? 'no name', phone_last4 && maskedNumber(phone_last4)].filter(Boolean).join(', ');
}
