/** `npm run settings`: writes `docs/configuration.md`, the page of all settings. */
import { writeFile } from 'node:fs/promises';
import { settingsPage } from './config/settings-page.ts';

await writeFile(new URL('../docs/configuration.md', import.meta.url), settingsPage());
