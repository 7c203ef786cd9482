/**
 * The language of `<Say>`, as Twilio names them: always with a region. A bare `de` is a voice of
 * Twilio's oldest kind for some languages and an error for others (13512).
 * @param tag Such as `de` or `de-AT`; one with a region, or that is not known here, is passed on.
 */
export function sayLanguage(tag: string): string {
  return (Object.hasOwn(REGIONS, tag) && REGIONS[tag]) || tag;
}

const REGIONS: Readonly<Record<string, string>> = {
  ar: 'ar-AE',
  ca: 'ca-ES',
  cs: 'cs-CZ',
  da: 'da-DK',
  de: 'de-DE',
  el: 'el-GR',
  en: 'en-US',
  es: 'es-ES',
  fi: 'fi-FI',
  fr: 'fr-FR',
  he: 'he-IL',
  hi: 'hi-IN',
  hu: 'hu-HU',
  id: 'id-ID',
  it: 'it-IT',
  ja: 'ja-JP',
  ko: 'ko-KR',
  nb: 'nb-NO',
  nl: 'nl-NL',
  pl: 'pl-PL',
  pt: 'pt-PT',
  ro: 'ro-RO',
  ru: 'ru-RU',
  sk: 'sk-SK',
  sv: 'sv-SE',
  tr: 'tr-TR',
  uk: 'uk-UA',
  vi: 'vi-VN',
  zh: 'cmn-CN',
};
