/** A collector of traces: takes OTLP over HTTP in JSON, and keeps all that it is sent. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Value {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values: Value[] };
}

interface Attribute {
  key: string;
  value: Value;
}

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  events: { name: string }[];
  status: { code?: number };
}

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  durationMs: number;
  attributes: Readonly<Record<string, unknown>>;
  events: string[];
  failed: boolean;
}

export class TraceReceiver {
  /** As they came. */
  readonly bodies: string[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly paths: (string | undefined)[] = [];
  /** Of what sends. */
  resource: Readonly<Record<string, unknown>> = {};
  readonly spans: ReceivedSpan[] = [];
  /** Takes requests and never answers them. */
  hangs = false;
  /** Instead of 200. */
  status = 200;
  #close: () => Promise<void> = async () => {};
  url = '';

  static async start(): Promise<TraceReceiver> {
    const receiver = new TraceReceiver();
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      receiver.paths.push(request.url);
      receiver.headers.push(request.headers);
      receiver.#take(body);
      if (receiver.hangs) return;
      response.writeHead(receiver.status, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    receiver.#close = async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    };
    return receiver;
  }

  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  close(): Promise<void> {
    return this.#close();
  }

  #take(body: string): void {
    this.bodies.push(body);
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: {
        resource: { attributes: Attribute[] };
        scopeSpans: { spans: WireSpan[] }[];
      }[];
    };
    for (const { resource, scopeSpans } of resourceSpans) {
      this.resource = attributesOf(resource.attributes);
      for (const { spans } of scopeSpans) this.spans.push(...spans.map(received));
    }
  }
}

/** `STATUS_CODE_ERROR` of OTLP. */
const ERROR = 2;

function received(span: WireSpan): ReceivedSpan {
  const nanoseconds = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    name: span.name,
    durationMs: Number(nanoseconds) / 1e6,
    attributes: attributesOf(span.attributes),
    events: span.events.map(({ name }) => name),
    failed: span.status.code === ERROR,
  };
}

function attributesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]));
}

function readValue({ arrayValue, ...scalar }: Value): unknown {
  return arrayValue ? arrayValue.values.map(readValue) : Object.values(scalar)[0];
}
