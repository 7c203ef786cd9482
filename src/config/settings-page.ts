import type { z } from 'zod';
import { SETTING_GROUPS } from './settings.ts';

/** All settings as a page, Markdown: made from what checks them, so that the two cannot differ. */
export function settingsPage(): string {
  return [HEAD, ...SETTING_GROUPS.map(groupText)].join('\n');
}

function groupText({ title, shape }: (typeof SETTING_GROUPS)[number]): string {
  const rows = Object.entries(shape).map(([name, schema]) => rowOf(name, schema as z.ZodType));
  return [
    `## ${title}`,
    '',
    '| setting | expected | without it | |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function rowOf(name: string, schema: z.ZodType): string {
  const cells = [`\`${name}\``, expectedOf(schema), fallbackOf(schema), schema.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** What it says of something that is no text at all. */
function expectedOf(schema: z.ZodType): string {
  const { error } = schema.safeParse(0);
  return (error?.issues[0]?.message ?? '').replace(/^expected /, '');
}

function fallbackOf(schema: z.ZodType): string {
  const { success, data } = schema.safeParse(undefined);
  if (!success) return '**required**';
  if (data === undefined) return '-';
  return Array.isArray(data) ? 'none' : `\`${String(data)}\``;
}

const HEAD = `# Settings

Read from the environment, once, at start; an empty one counts as not set. Everything that is missing, malformed or
contradicts another is named at once, with what was expected and never with its value, and \`npm run doctor\` names
what looks misspelled. This page is written by \`npm run settings\` from the rules that check them.
`;
