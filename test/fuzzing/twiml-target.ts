/** The TwiML builders with texts that somebody hostile chose. */
import { parseTwiml, type Verb } from '../../src/simulators/twilio/twiml-document.ts';
import {
  connectStream,
  dialPerson,
  hangUp,
  sayAndHangUp,
  TwimlError,
  takeVoicemail,
  whisper,
} from '../../src/twilio/twiml.ts';
import type { Random } from '../simulation/random.ts';
import { type FuzzTarget, mustHold, Reached } from './fuzz-target.ts';
import { oddText } from './odd-values.ts';

/** One document: who builds it, and of what. */
export type TwimlInput =
  | { build: 'connectStream'; options: Parameters<typeof connectStream>[0] }
  | { build: 'hangUp' }
  | { build: 'sayAndHangUp'; options: Parameters<typeof sayAndHangUp>[0] }
  | { build: 'dialPerson'; options: Parameters<typeof dialPerson>[0] }
  | { build: 'whisper'; options: Parameters<typeof whisper>[0] }
  | { build: 'takeVoicemail'; options: Parameters<typeof takeVoicemail>[0] };

export function twimlTarget(): FuzzTarget<TwimlInput> {
  const reached = new Reached();
  return {
    inputs: 'TwiML parameter sets',
    concurrency: 1,
    reached,
    draw: (random) => Array.from({ length: 20 }, () => drawDocument(random)),
    async run(inputs) {
      for (const input of inputs) judge(input, reached);
      return inputs.length;
    },
    async close() {},
  };
}

const BUILDERS = [
  'connectStream',
  'hangUp',
  'sayAndHangUp',
  'dialPerson',
  'whisper',
  'takeVoicemail',
] as const;
const NUMBERS = ['+4930123456', '+15550100', '+1', '030123456', '+49 30 123', '', '+19005550199x'];
const URLS = ['https://h.example/a', 'https://h.example/a?b=c&d=e', 'wss://h.example/media'];
const LANGUAGES = ['en', 'de', 'en-GB', 'zh', 'xx', 'constructor', '__proto__', 'toString', ''];

function drawDocument(random: Random): TwimlInput {
  const build = random.pick(BUILDERS);
  const text = () => (random.chance(0.8) ? oddText(random) : `Hello, ${oddText(random)}!`);
  const url = () => (random.chance(0.7) ? random.pick(URLS) : `${random.pick(URLS)}${text()}`);
  const language = random.chance(0.8) ? random.pick(LANGUAGES) : text();
  switch (build) {
    case 'hangUp':
      return { build };
    case 'sayAndHangUp':
    case 'whisper':
      return { build, options: { text: text(), language } };
    case 'connectStream': {
      const names = ['token', 'caller', oddText(random)].slice(0, random.integer(0, 3));
      const parameters = Object.fromEntries(names.map((name) => [name, text()]));
      const streamUrl = random.chance(0.9) ? 'wss://h.example/media' : url();
      return {
        build,
        options: { streamUrl, parameters, statusCallbackUrl: url(), continueUrl: url() },
      };
    }
    case 'takeVoicemail': {
      const recordingStatusUrl = url();
      const maxLengthS = random.integer(1, 3600);
      return {
        build,
        options: { text: text(), language, actionUrl: url(), recordingStatusUrl, maxLengthS },
      };
    }
    default: {
      const number = random.chance(0.9) ? random.pick(NUMBERS) : text();
      const [announce, afterwards] = [text(), text()];
      const urls = random.chance(0.5) ? { briefUrl: url(), actionUrl: url() } : {};
      const [timeoutS, timeLimitS] = [random.integer(0, 900), random.integer(1, 14_400)];
      const said = { announce, afterwards, language };
      return { build: 'dialPerson', options: { number, ...said, ...urls, timeoutS, timeLimitS } };
    }
  }
}

function judge(input: TwimlInput, reached: Reached): void {
  let text: string;
  try {
    text = documentOf(input);
  } catch (error) {
    mustHold(error instanceof TwimlError, `expected TwiML or its error, got ${error}`);
    mustHold(mayBeRefused(input), `expected a document, got ${error}`);
    reached.note(`${input.build} refused`);
    return;
  }
  const { verbs, warnings } = parseTwiml(text);
  mustHold(warnings.length === 0, `expected TwiML as Twilio knows it, got ${warnings.join(', ')}`);
  const found = outline(verbs);
  const expected = outline(expectedVerbs(input));
  mustHold(found === expected, `expected ${expected}\n     got ${found}`);
  reached.note(input.build);
}

function documentOf(input: TwimlInput): string {
  switch (input.build) {
    case 'connectStream':
      return connectStream(input.options);
    case 'hangUp':
      return hangUp();
    case 'sayAndHangUp':
      return sayAndHangUp(input.options);
    case 'dialPerson':
      return dialPerson(input.options);
    case 'whisper':
      return whisper(input.options);
    default:
      return takeVoicemail(input.options);
  }
}

function mayBeRefused(input: TwimlInput): boolean {
  if (input.build === 'dialPerson') return !/^\+[1-9]\d{6,14}$/.test(input.options.number);
  if (input.build !== 'connectStream') return false;
  const { streamUrl, parameters } = input.options;
  const isLong = Object.entries(parameters).some(([name, value]) => (name + value).length >= 500);
  return (
    isLong ||
    /^wss?:/.test(streamUrl) === false ||
    /[?#]/.test(streamUrl.slice(6)) ||
    streamUrl.length < 7
  );
}

const HANGUP = verb('Hangup');

/** The whole document, with the very texts that were given. */
function expectedVerbs(input: TwimlInput): Verb[] {
  switch (input.build) {
    case 'connectStream': {
      const { streamUrl, statusCallbackUrl, parameters, continueUrl } = input.options;
      const attributes = { statusCallback: statusCallbackUrl, statusCallbackMethod: 'POST' };
      const children = Object.entries(parameters).map(([name, value]) =>
        verb('Parameter', { name, value }),
      );
      const stream = verb('Stream', { url: streamUrl, ...attributes }, children);
      return [verb('Connect', {}, [stream]), verb('Redirect', { method: 'POST' }, [], continueUrl)];
    }
    case 'hangUp':
      return [HANGUP];
    case 'sayAndHangUp':
      return [...said(input.options.text, input.options.language), HANGUP];
    case 'whisper':
      return said(input.options.text, input.options.language);
    case 'takeVoicemail':
      return [
        ...said(input.options.text, input.options.language),
        recordVerb(input.options),
        HANGUP,
      ];
    default:
      return dialVerbs(input.options);
  }
}

function recordVerb(options: Parameters<typeof takeVoicemail>[0]): Verb {
  const { actionUrl, recordingStatusUrl = '', maxLengthS } = options;
  return verb('Record', {
    action: actionUrl,
    method: 'POST',
    maxLength: String(maxLengthS),
    playBeep: 'true',
    recordingStatusCallback: recordingStatusUrl,
    recordingStatusCallbackMethod: 'POST',
  });
}

function dialVerbs(options: Parameters<typeof dialPerson>[0]): Verb[] {
  const { number, announce, afterwards, language, briefUrl, actionUrl } = options;
  const called = verb('Number', briefUrl ? { url: briefUrl, method: 'POST' } : {}, [], number);
  const attributes = {
    ...(actionUrl && { action: actionUrl, method: 'POST' }),
    timeout: String(Math.min(600, Math.max(5, options.timeoutS))),
    timeLimit: String(options.timeLimitS),
  };
  const dial = verb('Dial', attributes, [called]);
  return [...said(announce, language), dial, ...said(afterwards, language), HANGUP];
}

function said(text = '', language = ''): Verb[] {
  // What is nothing but blanks is not said.
  if (legal(text).trim() === '') return [];
  return [verb('Say', language ? { language: REGIONS.get(language) ?? language } : {}, [], text)];
}

const REGIONS = new Map([
  ['en', 'en-US'],
  ['de', 'de-DE'],
  ['zh', 'cmn-CN'],
]);

function verb(
  name: string,
  attributes: Record<string, string> = {},
  children: Verb[] = [],
  text = '',
): Verb {
  return { name, attributes, children, text };
}

/** For comparison: the texts as XML can hold them. */
function outline(verbs: readonly Verb[]): string {
  return verbs
    .map(({ name, attributes, children, text }) => {
      const given = Object.entries(attributes).map(([key, value]) => [key, legal(value)]);
      return `${name} ${JSON.stringify(given.toSorted())} ${JSON.stringify(legal(text))}(${outline(children)})`;
    })
    .join(' ');
}

/** Without the characters that no XML document can hold. */
function legal(text: string): string {
  return [...text.toWellFormed()]
    .filter((character) => isLegal(character.codePointAt(0)!))
    .join('');
}

function isLegal(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code !== 0xfffe && code !== 0xffff;
}
