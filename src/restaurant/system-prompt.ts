import { hoursInWords } from './hours-in-words.ts';
import type { MenuItem, Profile } from './profile.ts';
import { largestParty } from './wish-rules.ts';

/**
 * What the model is told before a call. The same for every call that begins in a language, byte for
 * byte, so that the engine's prefix cache serves all of them: what depends on the moment is in
 * `momentNote`. No phone number of the staff is in it.
 * @param options.language A language of the profile.
 */
export function systemPrompt(profile: Profile, { language }: { language: string }): string {
  return [
    `You answer the telephone of ${profile.name}, a restaurant. You hear the caller; what you write is`,
    `spoken to the caller as you write it. Speak ${languageName(language)}.`,
    '',
    ...facts(profile),
    '',
    ...waysToSpeak(profile),
    '',
    ...waysToWork(profile, language),
  ].join('\n');
}

function facts(profile: Profile): string[] {
  const { address, hours, menu, policies, staff } = profile;
  const lines = [
    'All that you know about the restaurant:',
    `Address: ${address}`,
    `Opening hours: ${hoursInWords(hours)}. The note with the present time names days that differ.`,
    `Reservations: ${reservationRules(profile)}`,
  ];
  if (menu.length > 0) lines.push('Menu, with allergens:', ...menu.map(menuLine));
  if (policies.length > 0) lines.push('Policies:', ...policies.map((policy) => `- ${policy}`));
  const people = Object.entries(staff).map(([name, { purpose }]) => `- ${name}: ${purpose}`);
  if (people.length > 0) lines.push('People who can take over a call:', ...people);
  return lines;
}

function reservationRules(profile: Profile): string {
  const { slotMinutes, stayMinutes, horizonDays, leadMinutes, lastSeatingMinutes } =
    profile.reservations;
  return (
    `for 1 to ${largestParty(profile)} people, from ${leadMinutes} minutes to ${horizonDays} days ahead, ` +
    `every ${slotMinutes} minutes, at the latest ${lastSeatingMinutes} minutes before closing. ` +
    `A table is for ${stayMinutes} minutes.`
  );
}

function menuLine({ name, description, price, allergens }: MenuItem): string {
  const dish = [name, description, price].filter((part) => part !== undefined).join(', ');
  return allergens.length > 0 ? `- ${dish} (${allergens.join(', ')})` : `- ${dish}`;
}

function waysToSpeak(profile: Profile): string[] {
  const lines = [
    'How you speak:',
    '- Short plain sentences, at most two, and one question at a time. No lists, no symbols: write',
    '  times and numbers as they are spoken.',
    '- Ask again when you did not understand. What is not written above or in the answer of a tool,',
    `  you do not know: say so and offer ${offer(profile)}. Never invent facts, prices, tables or bookings.`,
    '- You are an automatic assistant; say so when asked. Never say a phone number of the staff.',
  ];
  if (profile.menu.length > 0) {
    lines.push(
      '- Allergies: name the allergens above; never promise that a dish is free of anything, or safe.',
    );
  }
  return lines;
}

function waysToWork(profile: Profile, language: string): string[] {
  const others = Object.keys(profile.languages).filter((code) => code !== language);
  const lines = [
    'How you use tools:',
    '- Call a tool without a word before it, one at a time, and go by its answer.',
    '- Only tools know what is free and what is booked: check_availability for free tables.',
    '- To book, ask for the day, the time, the number of people and the name, then hold_table. Read',
    '  day, time, people and name back. Only after the caller has said yes to that: confirm_booking.',
    '  Nothing is booked before confirm_booking says so.',
    '- find_booking before change_booking or cancel_booking; read back and wait for the yes there too.',
  ];
  const people = Object.keys(profile.staff);
  if (people.length > 0) {
    lines.push(
      `- transfer_to_staff when the caller wants a person or needs one; only to ${people.join(', ')}.`,
    );
  }
  lines.push(
    '- take_message when the caller wants to leave word, or when nobody can take over the call.',
  );
  if (others.length > 0) {
    const names = others.map((code) => `${languageName(code)} (${code})`).join(', ');
    lines.push(`- switch_language when the caller speaks another of your languages: ${names}.`);
  }
  lines.push('- end_call when the caller says goodbye.');
  return lines;
}

function offer({ staff }: Profile): string {
  return Object.keys(staff).length > 0 ? 'a person or a message' : 'to take a message';
}

function languageName(code: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code;
}
