import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SETTING_GROUPS, settings } from '../src/config/settings.ts';
import { settingsPage } from '../src/config/settings-page.ts';

test('the page of settings is that of the rules that check them', () => {
  const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  assert.equal(page, settingsPage(), 'expected `npm run settings` to have been run');
});

test('each setting is on the page once, with what is expected and what it does', () => {
  const names = SETTING_GROUPS.flatMap(({ shape }) => Object.keys(shape));
  assert.deepEqual(names.toSorted(), Object.keys(settings.shape).toSorted());
  for (const line of settingsPage().split('\n')) {
    if (!line.startsWith('| `')) continue;
    const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim());
    assert.ok(cells.length >= 4 && cells.every((cell) => cell.length > 0), line);
    assert.doesNotMatch(cells[1] ?? '', /Invalid/);
  }
});
