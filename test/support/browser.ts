/** A real browser, where this machine has one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where distributions put it; CHROMIUM names another. */
const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const EXECUTABLE = PLACES.find((path) => path && existsSync(path));

/** For `test(..., { skip })`: undefined where there is a browser, otherwise the line that says so. */
export const NO_BROWSER = EXECUTABLE
  ? undefined
  : 'no Chromium on this machine (install it, or set CHROMIUM to its path)';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Each has a profile of its own, and speaks to nobody but whom a page asks.
 * @param microphone a WAV file that takes the place of the microphone
 */
export async function openBrowser(options: { microphone?: string } = {}): Promise<Browser> {
  if (!EXECUTABLE) throw new Error(NO_BROWSER);
  const { microphone } = options;
  const args = microphone
    ? [
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        // Once, and not from its beginning again.
        `--use-file-for-fake-audio-capture=${microphone}%noloop`,
      ]
    : [];
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [...FLAGS, ...args],
    timeout: 30_000,
  });
}
