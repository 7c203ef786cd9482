/** Every door that is fuzzed, by the option that says how often, and how often when nobody says. */
import { cartesiaTarget } from './cartesia-target.ts';
import { completionTarget } from './completion-target.ts';
import { feedTarget } from './feed-target.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mediaTarget } from './media-target.ts';
import { queryTarget } from './query-target.ts';
import { twimlTarget } from './twiml-target.ts';
import { webhookTarget } from './webhook-target.ts';

const MILLION = 1_000_000;

// Each has inputs of its own kind, which nobody here looks into.
type AnyTarget = FuzzTarget<never>;

export const TARGETS = {
  messages: { usually: MILLION, open: mediaTarget as () => Promise<AnyTarget> },
  twiml: { usually: MILLION, open: async () => twimlTarget() as AnyTarget },
  forms: { usually: MILLION, open: webhookTarget as () => Promise<AnyTarget> },
  chunks: { usually: MILLION, open: completionTarget as () => Promise<AnyTarget> },
  voice: { usually: MILLION / 5, open: cartesiaTarget as () => Promise<AnyTarget> },
  queries: { usually: MILLION / 10, open: queryTarget as () => Promise<AnyTarget> },
  viewers: { usually: MILLION / 50, open: feedTarget as () => Promise<AnyTarget> },
} as const;

export type TargetName = keyof typeof TARGETS;
export const TARGET_NAMES = Object.keys(TARGETS) as TargetName[];
