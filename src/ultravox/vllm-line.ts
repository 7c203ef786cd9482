/** One line of vLLM's output, made fit for our own log. */

export type LineLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface VllmLine {
  /** Undefined: the line does not say. */
  level: LineLevel | undefined;
  text: string;
}

/** Some lines list a whole configuration. */
const MAX_CHARACTERS = 1000;

/**
 * @param secrets that must not be in a log, whoever wrote them
 * @returns undefined for an empty line
 */
export function vllmLine(raw: string, secrets: readonly string[]): VllmLine | undefined {
  const plain = raw.replace(ESCAPES, '').trim();
  const { level, text = plain } = HEAD.exec(plain)?.groups ?? {};
  if (text === '') return undefined;
  const harmless = withoutWords(withoutSecrets(text, secrets));
  const bounded =
    harmless.length > MAX_CHARACTERS ? `${harmless.slice(0, MAX_CHARACTERS)}…` : harmless;
  return { level: LEVELS[level ?? ''], text: bounded };
}

/** Colours, cursor movements, and other control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPES = /\u001b\[[\d;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** `(EngineCore_DP0 pid=279) INFO 12-02 15:47:51 [core.py:93] text`; uvicorn's is `INFO:     text`. */
const HEAD =
  /^(?:\([\w .-]+ pid=\d+\)\s*)?(?<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)(?::\s+| \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? )(?<text>.*)$/;

const LEVELS: Readonly<Record<string, LineLevel>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'fatal',
};

const HIDDEN = '[hidden]';
/** Hugging Face's tokens begin so. */
const TOKEN = /\bhf_[A-Za-z0-9]{8,}/g;

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const given = secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return given.replace(TOKEN, HIDDEN);
}

/** Where a line begins to quote a request or a reply; the words in it are the callers'. */
const QUOTE =
  /["']?\b(prompt|prompts|content|messages|input_value|input|text|output|arguments|delta)\b["']?\s*[:=]\s*(?=["'[{(]|b["'])|data:audio\//i;

function withoutWords(text: string): string {
  const at = text.search(QUOTE);
  return at < 0 ? text : `${text.slice(0, at)}${HIDDEN}`;
}
