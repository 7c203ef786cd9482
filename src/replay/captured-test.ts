import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Continued } from '../../machines/call-protocol.ts';
import type { Capture } from './capture.ts';
import type { EventSequence } from './event-sequence.ts';

/**
 * A test file that fails as long as the symptom shows: formatted as the linter wants it, and without
 * anything of the call but what its machine was told and when.
 * @param file where it will be, as an absolute path
 */
export function capturedTest({ sequence, symptom, expected }: Capture, file: string): string {
  const from = (module: string) => {
    const path = relative(dirname(file), fileURLToPath(new URL(module, import.meta.url)));
    return quoted(path.replaceAll('\\', '/').replace(/^(?!\.)/, './'));
  };
  const needsSymptom = expected === undefined;
  const body = needsSymptom
    ? ['  assert.equal(SYMPTOM.sightedIn(run), undefined);']
    : [
        `  assert.equal(run.path, ${quoted(expected.path)});`,
        ...(expected.told
          ? [
              '  const last = run.steps.at(-1);',
              `  assert.deepEqual(last?.told, ${list(expected.told)});`,
            ]
          : []),
      ];
  return [
    "import assert from 'node:assert/strict';",
    "import { test } from 'node:test';",
    ...importLines(['type EventSequence', 'runSequence'], from('./event-sequence.ts')),
    ...(needsSymptom ? importLines(['symptomOf'], from('./symptom.ts')) : []),
    '',
    ...(needsSymptom ? [`const SYMPTOM = symptomOf(${quoted(symptom.kind)});`] : []),
    "/** From a call's records: what the call machine was told, and at which ms from its beginning. */",
    ...sequenceLines(sequence),
    '',
    `test(${quoted(symptom.absence)}, () => {`,
    '  const run = runSequence(SEQUENCE);',
    ...body,
    '});',
    '',
  ].join('\n');
}

/** In one line while it fits, as the linter wants it; a single name is never broken from its line. */
function importLines(names: readonly string[], from: string): string[] {
  const line = `import { ${names.join(', ')} } from ${from};`;
  if (line.length <= LINE_WIDTH || names.length === 1) return [line];
  return ['import {', ...names.map((name) => `  ${name},`), `} from ${from};`];
}

/** Of the test's file, such as `state-timeout-farewell.test.ts`. */
export function capturedTestName({ symptom }: Capture): string {
  const name = symptom.kind.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return `${name}.test.ts`;
}

function sequenceLines({ input, events, untilMs }: EventSequence): string[] {
  const { limits, personReachable } = input;
  return [
    'const SEQUENCE: EventSequence = {',
    '  input: {',
    '    limits: {',
    ...Object.entries(limits).map(([name, value]) => `      ${name}: ${numeral(value)},`),
    '    },',
    `    personReachable: ${personReachable},`,
    '  },',
    ...eventLines(events.map(eventText)),
    `  untilMs: ${numeral(untilMs)},`,
    '};',
  ];
}

/** The linter wants a list of one in its line, unless it has lines itself, and each of several in its own. */
function eventLines(events: readonly string[]): string[] {
  const [first = ''] = events;
  if (events.length <= 1 && !first.includes('\n')) return [`  events: [${events.join('')}],`];
  return ['  events: [', ...events.map((event) => `    ${event},`), '  ],'];
}

function eventText(event: EventSequence['events'][number]): string {
  const { ms, type, digit, destination, continued } = event;
  const fields = [
    `ms: ${numeral(ms)}`,
    `type: ${quoted(type)}`,
    ...(digit === undefined ? [] : [`digit: ${quoted(digit)}`]),
    ...(destination === undefined ? [] : [`destination: ${quoted(destination)}`]),
  ];
  // Too long for a line.
  if (continued) return `{\n${[...fields, continuedText(continued)].map(inEvent).join('')}    }`;
  return `{ ${fields.join(', ')} }`;
}

function continuedText({ cutOff, elapsedMs, turns }: Continued): string {
  const fields = [
    `cutOff: ${quoted(cutOff)}`,
    `elapsedMs: ${numeral(elapsedMs)}`,
    `turns: ${numeral(turns)}`,
  ];
  return `continued: { ${fields.join(', ')} }`;
}

function inEvent(field: string): string {
  return `      ${field},\n`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(', ')}]`;
}

/** `20_000` */
function numeral(value: number): string {
  const text = String(value);
  return text.length < 5 ? text : text.replace(/\B(?=(\d{3})+$)/g, '_');
}

/** Names of events, states and commands have no quotes in them; what has is not one of them. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** Of the linter's configuration. */
const LINE_WIDTH = 100;
