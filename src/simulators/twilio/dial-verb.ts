/** `<Dial>`: a second call, what is whispered on its side, and how it went. */
import type { TimelineEntry } from './call-report.ts';
import { parseTwiml, TwimlDocumentError, type Verb } from './twiml-document.ts';
import { type WebhookAnswer, WebhookError } from './webhook-client.ts';

export type DialStatus = 'completed' | 'busy' | 'no-answer' | 'failed';

export interface DialingCall {
  /** How it goes. */
  readonly dial: DialStatus;
  newSid(prefix: string): string;
  /** Posts the form of the second call. @throws {WebhookError} */
  postChild(url: string, child: { sid: string; to: string }): Promise<WebhookAnswer>;
  record(entry: Omit<TimelineEntry, 'trackMs'>): void;
  violate(text: string): void;
}

/** Dials, whispers and talks in no time. Returns what the action is told. */
export async function runDial(
  verb: Verb,
  call: DialingCall,
  resolveUrl: (url: string) => string,
): Promise<Record<string, string>> {
  const number = verb.children.find((child) => child.name === 'Number');
  const to = (number?.text ?? verb.text).trim();
  const sid = call.newSid('CA');
  call.record({ atMs: performance.now(), type: 'dialled', name: to, detail: call.dial });
  const url = number?.attributes.url;
  const whispered =
    call.dial === 'completed' && url
      ? await whisper(resolveUrl(url), { sid, to }, call)
      : 'connected';
  const status = whispered === 'failed' ? 'failed' : call.dial;
  const bridged = status === 'completed' && whispered === 'connected';
  return {
    DialCallStatus: status,
    DialCallSid: sid,
    DialBridged: String(bridged),
    ...(status === 'completed' && { DialCallDuration: '30' }),
  };
}

async function whisper(
  url: string,
  child: { sid: string; to: string },
  call: DialingCall,
): Promise<'connected' | 'hungUp' | 'failed'> {
  const verbs = await whisperVerbs(url, child, call);
  for (const verb of verbs ?? []) {
    if (!ALLOWED.has(verb.name)) call.violate(`12200 <${verb.name}> in a whisper`);
    if (verb.name === 'Hangup') return 'hungUp';
    if (verb.name === 'Say') {
      call.record({ atMs: performance.now(), type: 'whispered', name: verb.text });
    }
  }
  return verbs ? 'connected' : 'failed';
}

async function whisperVerbs(
  url: string,
  child: { sid: string; to: string },
  call: DialingCall,
): Promise<Verb[] | undefined> {
  try {
    const answer = await call.postChild(url, child);
    if (answer.status >= 300) {
      call.violate(`11217 HTTP ${answer.status} from a whisper`);
      return undefined;
    }
    const { verbs, warnings } = parseTwiml(answer.body);
    for (const warning of warnings) call.violate(warning);
    return verbs;
  } catch (error) {
    if (!(error instanceof WebhookError) && !(error instanceof TwimlDocumentError)) throw error;
    call.violate(`${error.code} no whisper: ${error.message}`);
    return undefined;
  }
}

const ALLOWED: ReadonlySet<string> = new Set(['Say', 'Play', 'Gather', 'Pause', 'Hangup']);
