/** A place in which one server runs, and another one when it has died: what a supervisor does. */
import { ChildServer } from '../support/child-server.ts';

export class ServerPlace {
  readonly #env: Record<string, string>;
  readonly #ports: number[];
  #server: ChildServer;
  #port = 0;
  /** Of every process that ever ran here: what it says that it must not. */
  readonly complaints: string[] = [];

  private constructor(env: Record<string, string>, ports: number[]) {
    this.#env = env;
    this.#ports = ports;
    this.#server = new ChildServer(env);
    places.add(this);
  }

  /** @param ports the balancer's: that of this place is in it while a server can be reached */
  static async start(env: Record<string, string>, ports: number[]): Promise<ServerPlace> {
    const place = new ServerPlace(env, ports);
    await place.#open();
    return place;
  }

  get port(): number {
    return this.#port;
  }

  /** `kill -9`, and at once a new process. Resolves when it can answer. */
  async killAndReplace(): Promise<void> {
    this.#server.kill();
    // Its port stays with the balancer for now: nobody has told it yet.
    const died = this.#port;
    const dead = this.#server;
    this.#server = new ChildServer(this.#env);
    await dead.exited(EXIT_MS);
    this.#note(dead);
    await this.#open();
    this.#leave(died);
  }

  /** No new requests come here any more. */
  leaveRotation(): void {
    this.#leave(this.#port);
  }

  joinRotation(): void {
    if (!this.#ports.includes(this.#port)) this.#ports.push(this.#port);
  }

  /** SIGTERM. @returns its exit code */
  async drain(withinMs: number): Promise<number | null> {
    const server = this.#server;
    server.signal('SIGTERM');
    const code = await server.exited(withinMs);
    this.#note(server);
    return code;
  }

  /** A new process where the one before has gone. */
  async startAgain(): Promise<void> {
    this.#server = new ChildServer(this.#env);
    await this.#open();
  }

  pause(): void {
    this.leaveRotation();
    this.#server.signal('SIGSTOP');
  }

  wake(): void {
    this.#server.signal('SIGCONT');
  }

  kill(): void {
    this.#server.kill();
  }

  /** For the end of a run, whatever came of it. */
  async stop(): Promise<void> {
    this.kill();
    places.delete(this);
    await this.#server.exited(EXIT_MS);
    this.#note(this.#server);
  }

  /** None where nobody answers: then there is no process that could hold any. */
  async activeCalls(): Promise<number> {
    const answer = await this.#ask('/health');
    const health = (await answer?.json()) as { active_connections: number } | undefined;
    return health?.active_connections ?? 0;
  }

  async isReady(): Promise<boolean> {
    return (await this.#ask('/ready'))?.status === 200;
  }

  async #ask(path: string): Promise<Response | undefined> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_MS);
    const options = { headers: { connection: 'close' }, signal: late.signal };
    const answer = fetch(`http://127.0.0.1:${this.#port}${path}`, options);
    return answer.catch(() => undefined).finally(() => clearTimeout(timer));
  }

  async #open(): Promise<void> {
    const { port } = await this.#server.says('listening');
    this.#port = Number(port);
    // It answers the continue webhook from here on; new calls it takes when its engine is warm.
    this.joinRotation();
    await this.#server.says('Model pre-warming completed');
  }

  #leave(port: number): void {
    const at = this.#ports.indexOf(port);
    if (at >= 0) this.#ports.splice(at, 1);
  }

  #note({ lines, stderr }: ChildServer): void {
    for (const { level, msg } of lines) {
      if (Number(level) >= FATAL) this.complaints.push(msg);
    }
    const told = stderr
      .trim()
      .split('\n')
      .find((line) => line && !IS_WARNING.test(line));
    if (told) this.complaints.push(told);
  }
}

/** Servers outlive a parent that ends in the middle. */
const places = new Set<ServerPlace>();
process.once('exit', () => {
  for (const place of places) place.kill();
});

const EXIT_MS = 60_000;
const ANSWER_MS = 5000;
/** As pino numbers its levels. */
const FATAL = 60;
const IS_WARNING = /Warning: |--trace-warnings/;
