import { Counter, Histogram, type Registry } from 'prom-client';
import { fixedLabel, OTHER } from './fixed-label.ts';
import { WEBHOOK_EDGES_S } from './latency-edges.ts';

export interface ServerLabels {
  /** Why a call may not have been taken. */
  refusals: readonly string[];
}

export interface ServerMetrics {
  /** @param route as it was declared, such as `/calls/:sid`; undefined: there is none */
  answered(route: string | undefined, status: number, ms: number): void;
  signatureRejected(route: string | undefined): void;
  callRefused(reason: string): void;
}

/** Routes are the program's own: the paths that strangers ask for are `other`. */
export function serverMetrics(registry: Registry, labels: ServerLabels): ServerMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'voice_http_requests_total',
    help: 'Requests that were answered, webhooks among them, by route and status code',
    labelNames: ['route', 'code'],
    registers,
  });
  const duration = new Histogram({
    name: 'voice_http_request_duration_seconds',
    help: 'How long answers to requests took, by route',
    labelNames: ['route'],
    buckets: WEBHOOK_EDGES_S,
    registers,
  });
  const rejects = new Counter({
    name: 'voice_signature_rejects_total',
    help: "Webhooks and media sockets without Twilio's signature, by route",
    labelNames: ['route'],
    registers,
  });
  const refused = new Counter({
    name: 'voice_calls_refused_total',
    help: 'Calls that were answered in words because no agent could take them, by reason',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of labels.refusals) refused.inc({ reason }, 0);
  const reasonOf = fixedLabel(labels.refusals);
  return {
    answered: (route = OTHER, status, ms) => {
      requests.inc({ route, code: String(status) });
      duration.observe({ route }, ms / 1000);
    },
    signatureRejected: (route = OTHER) => rejects.inc({ route }),
    callRefused: (reason) => refused.inc({ reason: reasonOf(reason) }),
  };
}
