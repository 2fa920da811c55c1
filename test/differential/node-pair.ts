import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_TIMEOUT_MS = 60_000;

/** What a call came to: the text of the result, or code and message of the error. */
export type Answer = string;

/** A bitcoind of either make, on a folder and port of its own. */
export class DifferentialNode {
  readonly name: string;
  readonly dataDir: string;
  readonly #program: string;
  readonly #port: number;
  readonly #args: readonly string[];
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #child: ChildProcess | undefined;
  #stderr = "";

  constructor(name: string, program: string, dataDir: string, port: number, args: readonly string[]) {
    this.name = name;
    this.#program = program;
    this.dataDir = dataDir;
    this.#port = port;
    this.#args = args;
  }

  get log(): string {
    const path = join(this.dataDir, "regtest/debug.log");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Starts it and waits until it answers; after a reindex, until all blocks are in. */
  async start(extra: readonly string[] = []): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    const logStart = this.log.length;
    const args = ["-regtest", `-datadir=${this.dataDir}`, `-rpcport=${this.#port}`, "-rpcbind=127.0.0.1"];
    args.push("-rpcallowip=127.0.0.1", "-rpcuser=u", "-rpcpassword=p", "-printtoconsole=0", "-listen=0");
    this.#stderr = "";
    const child = spawn(this.#program, [...args, ...this.#args, ...extra], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    const killAtExit = () => child.kill("SIGKILL");
    process.once("exit", killAtExit);
    child.once("exit", () => process.off("exit", killAtExit));
    child.stderr.on("data", (text) => {
      this.#stderr += text;
    });
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${this.name} ended while starting: ${this.#stderr}`);
      if (performance.now() > deadline) throw new Error(`${this.name} does not answer`);
      const answer = await this.call("getblockcount").catch(() => "error");
      const log = this.log.slice(logStart);
      const isLoaded = this.name !== "core" || log.includes("initload thread exit");
      if (!answer.startsWith("error") && isLoaded) return;
      await sleep(30);
    }
  }

  call(method: string, ...params: readonly unknown[]): Promise<Answer> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { authorization: `Basic ${btoa("u:p")}`, "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.#port, method: "POST", headers, agent: this.#agent };
      const call = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part) => {
          text += part;
        });
        response.on("end", () => {
          if (text === "") reject(new Error(`${this.name}: empty reply of status ${response.statusCode}`));
          else resolve(answerOf(text));
        });
        response.on("error", reject);
      });
      call.on("error", (error) => reject(new Error(`${this.name}: ${error.message}; ${this.#stderr}`)));
      call.end(body);
    });
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.#agent.destroy();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}

function answerOf(text: string): Answer {
  const reply = JSON.parse(text) as { result?: unknown; error?: { code: number; message: string } };
  return reply.error ? `error ${reply.error.code}: ${reply.error.message}` : JSON.stringify(reply.result);
}
