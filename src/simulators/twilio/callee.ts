import type { Caller } from './caller.ts';

/** Twilio's AnsweredBy. */
export type AnsweredBy =
  | 'human'
  | 'machine_start'
  | 'machine_end_beep'
  | 'machine_end_silence'
  | 'machine_end_other'
  | 'fax'
  | 'unknown';

/** Whoever is called by REST, and what they do. */
export interface Callee {
  /** How the ringing ends. Default: answered. */
  rings?: 'answered' | 'busy' | 'no-answer' | 'failed';
  /** How long it rings. Default: 20 ms. */
  ringMs?: number;
  /** What answering-machine detection says, if it was asked for. Default: human. */
  answeredBy?: AnsweredBy;
  /** How long it listens before it says so. Default: 100 ms; several seconds in the world. */
  detectionMs?: number;
  /** From the first stream on; nobody says anything by default. */
  caller?: (caller: Caller) => Promise<void>;
}

/** What was asked for by REST. */
export interface OutboundRequest {
  to: string;
  from: string;
  url: string;
  fallbackUrl: string | undefined;
  statusCallback: string | undefined;
  statusCallbackEvents: readonly string[];
  /** Undefined: no detection was asked for, or one that Twilio holds the call back for. */
  asyncAmdCallback: string | undefined;
  timeLimitS: number | undefined;
}

/** Where the server listens that places calls, and who answers them. */
export interface Callees {
  /** Such as `http://127.0.0.1:5000/`. */
  webhookUrl: string;
  /** Where Twilio believes it to be. */
  publicUrl?: string;
  answer(request: OutboundRequest): Callee;
}

/** The request in a REST form; a number is Twilio's error code. */
export function outboundRequest(form: URLSearchParams): OutboundRequest | number {
  const [to, from, url] = [form.get('To'), form.get('From'), form.get('Url')];
  if (!to) return 21201;
  if (!/^\+[1-9]\d{6,14}$/.test(to)) return 21211;
  if (!from) return 21213;
  if (!url) return 21205;
  const events = form.getAll('StatusCallbackEvent');
  const timeLimitS = Number(form.get('TimeLimit') ?? Number.NaN);
  const isAsync = form.get('MachineDetection') !== null && form.get('AsyncAmd') === 'true';
  return {
    to,
    from,
    url,
    fallbackUrl: form.get('FallbackUrl') ?? undefined,
    statusCallback: form.get('StatusCallback') ?? undefined,
    statusCallbackEvents: events.length > 0 ? events : ['completed'],
    asyncAmdCallback: (isAsync && form.get('AsyncAmdStatusCallback')) || undefined,
    timeLimitS: Number.isFinite(timeLimitS) ? timeLimitS : undefined,
  };
}
