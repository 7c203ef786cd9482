import type { ReplyScript } from './engine-reply.ts';
import type { Recording } from './recording-matcher.ts';

export interface SimulatedUltravoxOptions {
  /** From a request's arrival to its first token. */
  firstTokenMs?: number;
  /** Of one stream alone. */
  tokensPerSecond?: number;
  /** How much longer a token takes for each further stream. */
  slowDownPerStream?: number;
  recordings?: readonly Recording[];
  reply?: ReplyScript;
  /** False for load tests: sound is checked and counted, but not matched. */
  listens?: boolean;
  /** Checked when given. */
  apiKey?: string;
  model?: string;
  seed?: number;
  /** Default: a free one. */
  port?: number;
}
