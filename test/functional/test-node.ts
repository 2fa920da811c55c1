import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";

/** A real node in a process of its own, with its own folder and ports, for the functional tests. */

const ROOT = resolve(import.meta.dirname, "../..");
export const BITCOIND = join(ROOT, "packages/node/bin/bitcoind");
export const BITCOIN_CLI = join(ROOT, "packages/node/bin/bitcoin-cli");
export const BITFLEET = join(ROOT, "packages/node/bin/bitfleet");

/** An address of regtest that nobody has the key of. */
export const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 90_000;
const POLL_MS = 20;

/** What is tidied up when the test file ends, the latest first: programs end before their folders go. */
const atExit: (() => void)[] = [];
afterAll(() => {
  for (const undo of atExit.reverse()) undo();
});

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is removed when the test file ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  atExit.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

/** A program that was started, with what it prints. */
export class TestProcess {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly exited: Promise<Exit>;

  constructor(
    program: string,
    args: readonly string[],
    options: { readonly cwd?: string; readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ) {
    // Variables that are named stand in the place of all others.
    const env = options.env === undefined ? process.env : { PATH: process.env.PATH, ...options.env };
    this.child = spawn(program, args, { cwd: options.cwd, env, stdio: "pipe" });
    this.child.stdout!.on("data", (text) => {
      this.stdout += text;
    });
    this.child.stderr!.on("data", (text) => {
      this.stderr += text;
    });
    this.child.stdin!.on("error", () => {});
    this.child.stdin!.end(options.input ?? "");
    this.exited = once(this.child, "close").then(([code, signal]) => {
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
    atExit.push(() => this.child.kill("SIGKILL"));
  }

  /** How it ended; killed, and thus failing the test, where it does not within the time a node has. */
  async exit(): Promise<Exit> {
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }
}

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Exit> {
  return new TestProcess(program, args, options).exit();
}

/** Waits until `look` finds something. Rejects after so long. */
export async function eventually<Found>(
  look: () => Found | undefined | Promise<Found | undefined>,
  timeoutMs = START_TIMEOUT_MS,
): Promise<Found> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error("what the test waits for did not come");
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

export class TestNode extends TestProcess {
  readonly dataDir: string;
  readonly rpcPort: number;

  private constructor(dataDir: string, rpcPort: number, args: readonly string[], program: string) {
    super(program, args);
    this.dataDir = dataDir;
    this.rpcPort = rpcPort;
  }

  /** Starts a regtest node, ours or another `program` with bitcoind's options, and returns at once. */
  static async spawn(
    dataDir = temporaryFolder(),
    extra: readonly string[] = [],
    program = BITCOIND,
  ): Promise<TestNode> {
    const rpcPort = await freePort();
    const own = ["-regtest", `-datadir=${dataDir}`, `-rpcport=${rpcPort}`, "-printtoconsole=0"];
    // Tests run side by side, and the port for peers is the same for all; those that need one say `-listen=1` with a port.
    const args = [...own, "-listen=0", ...extra];
    return new TestNode(dataDir, rpcPort, args, program);
  }

  /** Starts a regtest node and waits until it answers. */
  static async start(
    dataDir = temporaryFolder(),
    extra: readonly string[] = [],
    program = BITCOIND,
  ): Promise<TestNode> {
    const node = await TestNode.spawn(dataDir, extra, program);
    await node.ready();
    return node;
  }

  get networkDir(): string {
    return join(this.dataDir, "regtest");
  }

  get log(): string {
    return readFileSync(join(this.networkDir, "debug.log"), "utf8");
  }

  /** The connection of bitcoin-cli. */
  get cliArguments(): readonly string[] {
    return ["-regtest", `-datadir=${this.dataDir}`, `-rpcport=${this.rpcPort}`];
  }

  async ready(): Promise<void> {
    await eventually(async () => {
      if (this.child.exitCode !== null) throw new Error(`the node ended while starting: ${this.stderr}`);
      return this.call("getblockcount").catch(() => undefined);
    });
  }

  /** Calls a method. Rejects with the node's message. */
  call<Result = unknown>(method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.#callAt("/", method, params);
  }

  /** Calls a method of a wallet. Rejects with the node's message. */
  callWallet<Result = unknown>(wallet: string, method: string, ...params: readonly unknown[]): Promise<Result> {
    return this.#callAt(`/wallet/${encodeURIComponent(wallet)}`, method, params);
  }

  async #callAt<Result>(path: string, method: string, params: readonly unknown[]): Promise<Result> {
    const cookie = readFileSync(join(this.networkDir, ".cookie"), "utf8");
    const reply = await fetch(`http://127.0.0.1:${this.rpcPort}${path}`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}`, "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const body = (await reply.json()) as { result?: Result; error?: { message: string } };
    if (body.error) throw new Error(body.error.message);
    return body.result as Result;
  }

  /** Asks it to stop by RPC and waits for its end. */
  async stop(): Promise<Exit> {
    await this.call("stop");
    return this.exit();
  }

  async signal(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exit();
  }
}
