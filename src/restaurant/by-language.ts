/** What there is in this language: of `de-AT` else that of `de`, and of a language without any English. */
export function byLanguage<T>(table: Readonly<Record<string, T>> & { en: T }, language: string): T {
  const [base = 'en'] = language.split('-');
  const known = [language, base].find((code) => Object.hasOwn(table, code)) ?? 'en';
  return table[known] ?? table.en;
}
