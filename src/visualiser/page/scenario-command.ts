/** How a recording of the softphone is called, and said again. Pure. */

/** `softphone-20261125-190731.wav` */
export function scenarioName(at: Date): string {
  const parts = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const times = [at.getHours(), at.getMinutes(), at.getSeconds()];
  const digits = (numbers: number[]) => numbers.map((n) => String(n).padStart(2, '0')).join('');
  return `softphone-${digits(parts)}-${digits(times)}.wav`;
}

/** @param page the address of this page, below which the server is */
export function scenarioCommand(name: string, page: string): string {
  const server = new URL('..', page).href.replace(/\/$/, '');
  return [
    `npm run call -- --url ${server} \\`,
    '  --public-url "$PUBLIC_URL" \\',
    `  --say ${name}`,
  ].join('\n');
}
