/** Sends spans to a collector, as OTLP over HTTP in JSON. Everything about it is set by `OTEL_...`. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { CallTraces } from './call-traces.ts';
import type { Tracing, TracingOptions } from './tracing.ts';

/** Unless `OTEL_SERVICE_NAME` says otherwise. */
const SERVICE = 'twilio-ultravox-agent';
/** Of a shutdown: live calls are over by then, and nobody waits for their traces. */
const FLUSH_MS = 2000;
/** `ExportResultCode.SUCCESS` of OpenTelemetry. */
const SUCCESS = 0;

/** At most `OTEL_BSP_MAX_QUEUE_SIZE` spans (2048) wait to be sent; what is beyond that is dropped. */
export function exportTraces({ version, model, onFailure }: TracingOptions): Tracing {
  const own = { 'service.name': SERVICE, 'service.version': version };
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(watched(new OTLPTraceExporter(), onFailure))],
  });
  return {
    calls: new CallTraces(provider.getTracer(SERVICE, version), model),
    close: async () => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, FLUSH_MS);
      // Its failures are those of the exporter, which have been told.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

function watched(exporter: SpanExporter, onFailure: () => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== SUCCESS) onFailure();
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
