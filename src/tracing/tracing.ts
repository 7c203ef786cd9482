/**
 * OpenTelemetry traces of calls, where the operator has a place for them: the standard variables of
 * OpenTelemetry say where, and its packages are loaded only then.
 */
import type { CallTraces } from './call-traces.ts';

export interface TracingOptions {
  /** Of the program. */
  version: string;
  /** The name under which the engine serves its model. */
  model: string;
  /** Traces could not be sent; told of each time. */
  onFailure(): void;
}

export interface Tracing {
  readonly calls: CallTraces;
  /** Sends what is left, within 2 s; what is not sent by then is lost. */
  close(): Promise<void>;
}

/** Undefined where nobody wants traces. */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  if (!isWanted(process.env)) return undefined;
  const { exportTraces } = await import('./trace-export.ts');
  return exportTraces(options);
}

function isWanted(env: NodeJS.ProcessEnv): boolean {
  const value = (name: string) => env[name]?.trim() ?? '';
  if (value('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false;
  if (value('OTEL_TRACES_EXPORTER').toLowerCase() === 'none') return false;
  return Boolean(
    value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') || value('OTEL_EXPORTER_OTLP_ENDPOINT'),
  );
}
