import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../packages/node/src/network/free-port.ts";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const EXECUTABLE = path.join(ROOT, "packages/node/bin/bitcoind");
const BUNDLE = path.join(ROOT, "dist/bitcoind.cjs");
const PAGE = path.join(ROOT, "apps/admin/dist/index.html");
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** What the browser tests need built; `undefined` where all is there. */
export function whatIsNotBuilt(): string | undefined {
  if (!existsSync(BUNDLE)) return "the executables are not built (npm run build)";
  if (!existsSync(PAGE)) return "the page is not built (npm run build)";
  return undefined;
}

/** A regtest node in a process of its own, with its page. It keeps directory and ports over stop and start. */
export class NodeProcess {
  readonly #directory = mkdtempSync(path.join(tmpdir(), "bitfleet-browser-"));
  readonly #rpcPort: number;
  readonly #webPort: number;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(rpcPort: number, webPort: number, options: readonly string[]) {
    this.#options = options;
    this.#rpcPort = rpcPort;
    this.#webPort = webPort;
  }

  /** With further `options` of bitcoind. */
  static async start(options: readonly string[] = []): Promise<NodeProcess> {
    const node = new NodeProcess(await freePort(), await freePort(), options);
    try {
      await node.start();
    } catch (error) {
      await node.remove();
      throw error;
    }
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#webPort}`;
  }

  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [
        EXECUTABLE,
        "-regtest",
        `-datadir=${this.#directory}`,
        "-listen=0",
        `-rpcport=${this.#rpcPort}`,
        `-webport=${this.#webPort}`,
        ...this.#options,
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#process = child;
    this.#output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (this.#output += text));
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null) throw new Error(`the node ended with code ${child.exitCode}: ${this.#output}`);
      if (Date.now() > deadline) throw new Error(`the node is not ready after ${START_TIMEOUT_MS} ms: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Asks the node to end and returns its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    return child.exitCode;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async rpc<Result>(method: string, ...params: readonly unknown[]): Promise<Result> {
    const cookie = readFileSync(path.join(this.#directory, "regtest/.cookie"), "utf8").trim();
    const response = await fetch(`http://127.0.0.1:${this.#rpcPort}/`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}`, "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const answer = (await response.json()) as {
      readonly result: Result;
      readonly error?: { readonly message: string };
    };
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  }

  /** Answers, that is: /health/ready would wait for a first block too. */
  async #isReady(): Promise<boolean> {
    const option = this.#options.find((one) => one.startsWith("-webadminkey="));
    // A node may ask for a key even there.
    const headers: Record<string, string> = option === undefined ? {} : { "x-api-key": option.split("=")[1]! };
    const response = await fetch(`${this.url}/api/v1/blockchain`, { headers }).catch(() => undefined);
    return response?.ok === true;
  }
}
