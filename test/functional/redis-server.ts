import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { eventually, temporaryFolder } from "./test-node.ts";

/** A real Redis in a process of its own, without anything on disk. */

export const REDIS_PASSWORD = "p4ss-of-the-test";

/** Whether the program is installed here. */
export function hasRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export class RedisServer {
  readonly port: number;
  readonly #folder = temporaryFolder();
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://:${REDIS_PASSWORD}@127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = { port: this.port, save: "", appendonly: "no", bind: "127.0.0.1", requirepass: REDIS_PASSWORD };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = spawn("redis-server", args, { cwd: this.#folder, stdio: "ignore" });
    await eventually(async () => ((await this.ask("PING").catch(() => "")).includes("PONG") ? true : undefined));
  }

  /** Ends it as a crash would, and as whoever started it must: a hook that another hook registers is not run. */
  async kill(): Promise<void> {
    const exited = once(this.#process!, "exit");
    this.#process!.kill("SIGKILL");
    await exited;
  }

  /** It keeps its connections and answers nobody, until it may go on. */
  freeze(): void {
    this.#process!.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process!.kill("SIGCONT");
  }

  /** The answer to one command, as Redis writes it. */
  async ask(...words: string[]): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    try {
      await once(socket, "connect");
      socket.end(`AUTH ${REDIS_PASSWORD}\r\n${words.join(" ")}\r\nQUIT\r\n`);
      let text = "";
      for await (const chunk of socket) text += chunk;
      return text;
    } finally {
      socket.destroy();
    }
  }
}
