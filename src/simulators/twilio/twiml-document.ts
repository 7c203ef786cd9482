/** Reads TwiML as strictly as Twilio does. */
import { SaxesParser } from 'saxes';

export interface Verb {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: Verb[];
  text: string;
}

export interface TwimlDocument {
  verbs: Verb[];
  /** What Twilio would write into its debugger: code and reason. The document runs nevertheless. */
  warnings: string[];
}

/** Twilio would not run the document. */
export class TwimlDocumentError extends Error {
  override name = 'TwimlDocumentError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws {TwimlDocumentError} 12100 for what is not TwiML. */
export function parseTwiml(text: string): TwimlDocument {
  // Even one space before the declaration is fatal at Twilio.
  if (/^\s/.test(text)) throw new TwimlDocumentError(12100, 'expected TwiML, got a blank first');
  const root = parseXml(text);
  if (root?.name !== 'Response') throw new TwimlDocumentError(12100, 'expected <Response>');
  const warnings: string[] = [];
  for (const verb of root.children) checkVerb(verb, 'Response', warnings);
  return { verbs: root.children, warnings };
}

function parseXml(text: string): Verb | undefined {
  const parser = new SaxesParser();
  const open: Verb[] = [];
  let root: Verb | undefined;
  parser.on('error', (error) => {
    throw new TwimlDocumentError(12100, `expected XML, got an error: ${error.message}`);
  });
  parser.on('opentag', (tag) => {
    const verb = { name: tag.name, attributes: tag.attributes, children: [], text: '' };
    open.at(-1)?.children.push(verb);
    root ??= verb;
    open.push(verb);
  });
  const addText = (part: string) => {
    const verb = open.at(-1);
    if (verb) verb.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(text).close();
  return root;
}

/** Attributes by noun, and where a noun may stand. Names are case-sensitive. */
const NOUNS: Readonly<Record<string, { within: string; attributes: readonly string[] }>> = {
  Connect: { within: 'Response', attributes: ['action', 'method'] },
  Stream: {
    within: 'Connect',
    attributes: ['url', 'name', 'track', 'statusCallback', 'statusCallbackMethod'],
  },
  Parameter: { within: 'Stream', attributes: ['name', 'value'] },
  Say: { within: 'Response', attributes: ['voice', 'language', 'loop'] },
  Play: { within: 'Response', attributes: ['loop', 'digits'] },
  Pause: { within: 'Response', attributes: ['length'] },
  Redirect: { within: 'Response', attributes: ['method'] },
  Hangup: { within: 'Response', attributes: [] },
  Reject: { within: 'Response', attributes: ['reason'] },
  Record: {
    within: 'Response',
    attributes: (
      'action method timeout finishOnKey maxLength playBeep trim recordingStatusCallback ' +
      'recordingStatusCallbackMethod recordingStatusCallbackEvent transcribe transcribeCallback'
    ).split(' '),
  },
  Dial: {
    within: 'Response',
    attributes: (
      'action method timeout timeLimit callerId answerOnBridge hangupOnStar record ringTone ' +
      'sequential referUrl referMethod'
    ).split(' '),
  },
  Number: {
    within: 'Dial',
    attributes: (
      'url method sendDigits statusCallback statusCallbackEvent statusCallbackMethod ' +
      'machineDetection'
    ).split(' '),
  },
};

function checkVerb(verb: Verb, parent: string, warnings: string[]): void {
  const noun = NOUNS[verb.name];
  if (noun?.within !== parent) warnings.push(`12200 <${verb.name}> within <${parent}>`);
  for (const name of Object.keys(verb.attributes)) {
    if (noun && !noun.attributes.includes(name)) {
      warnings.push(`12200 attribute ${name} of <${verb.name}>`);
    }
  }
  for (const child of verb.children) checkVerb(child, verb.name, warnings);
}
