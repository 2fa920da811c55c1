import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../packages/node/src/network/free-port.ts";

/** A bitcoind of either make as the benchmarks of the peer network run it: fresh folder, own ports, no peers but those given. */

export interface Program {
  readonly name: string;
  /** Program and the arguments that come before bitcoind's. */
  readonly command: readonly [program: string, ...args: string[]];
}

const OURS_PATH = resolve(import.meta.dirname, "../packages/node/bin/bitcoind");
const SOURCE_PATH = resolve(import.meta.dirname, "../packages/node/src/cli/bitcoind-entry.ts");
export const OURS: Program = { name: "Bitfleet", command: [OURS_PATH] };
/** `undefined` where CORE_BITCOIND names none. */
export const CORE: Program | undefined =
  process.env.CORE_BITCOIND === undefined ? undefined : { name: "Core", command: [process.env.CORE_BITCOIND] };

/**
 * Our node with V8's profiler, which writes one file for each thread into `folder` at the end. It runs from source, so that
 * functions have their names.
 */
export function profiled(folder: string): Program {
  const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--import", "tsx"];
  return { name: "Bitfleet", command: [process.execPath, ...flags, SOURCE_PATH] };
}

/** Equal work for both: no checks of the whole index at every block, no address of ours. */
const COMMON = [
  "-printtoconsole=0",
  "-listenonion=0",
  "-discover=0",
  "-dnsseed=0",
  "-fixedseeds=0",
  "-natpmp=0",
  "-checkblockindex=0",
  "-checkmempool=0",
  "-assumevalid=0",
];

const RPC_POLL_MS = 5;
/** Of the processor times in /proc. */
const TICK_MS = 10;

export class BenchNode {
  readonly program: Program;
  readonly p2pPort: number;
  readonly #child: ChildProcess;
  readonly #dataDir: string;
  readonly #chain: string;
  readonly #rpcPort: number;

  private constructor(
    program: Program,
    child: ChildProcess,
    dataDir: string,
    chain: string,
    ports: { rpc: number; p2p: number },
  ) {
    this.program = program;
    this.#child = child;
    this.#dataDir = dataDir;
    this.#chain = chain;
    this.#rpcPort = ports.rpc;
    this.p2pPort = ports.p2p;
  }

  /** Starts it on an empty folder and returns at once. `network` chooses the chain, its name first. */
  static async spawn(
    program: Program,
    args: readonly string[],
    network: readonly [string, ...string[]] = ["-regtest"],
  ): Promise<BenchNode> {
    const dataDir = mkdtempSync(join(tmpdir(), "bitfleet-bench-"));
    const ports = { rpc: await freePort(), p2p: await freePort() };
    const own = [`-datadir=${dataDir}`, `-rpcport=${ports.rpc}`, `-port=${ports.p2p}`, `-bind=127.0.0.1:${ports.p2p}`];
    const [file, ...before] = program.command;
    const child = spawn(file, [...before, ...network, ...COMMON, ...own, ...args], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const kill = () => void child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
    return new BenchNode(program, child, dataDir, network[0].slice(1), ports);
  }

  get endpoint(): string {
    return `127.0.0.1:${this.p2pPort}`;
  }

  get rpcPort(): number {
    return this.#rpcPort;
  }

  /** The header that JSON-RPC wants, of the node's cookie. */
  authorization(): string {
    const cookie = readFileSync(join(this.#dataDir, this.#chain, ".cookie"), "utf8").trim();
    return `Basic ${Buffer.from(cookie).toString("base64")}`;
  }

  async call<Result = unknown>(method: string, ...params: readonly unknown[]): Promise<Result> {
    const reply = await fetch(`http://127.0.0.1:${this.#rpcPort}/`, {
      method: "POST",
      headers: { authorization: this.authorization(), "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await reply.json()) as { result?: Result; error?: { message: string } };
    if (error) throw new Error(`${this.program.name}: ${error.message}`);
    return result as Result;
  }

  /** Waits for the first answer. */
  async ready(): Promise<void> {
    while ((await this.call("getblockcount").catch(() => undefined)) === undefined) {
      if (this.#child.exitCode !== null) {
        throw new Error(`${this.program.name} ended with code ${this.#child.exitCode} while starting`);
      }
      await pause(RPC_POLL_MS);
    }
  }

  /** Waits for a height by one call that the node answers when it is there, so that asking costs it nothing. */
  async reach(height: number): Promise<void> {
    await this.ready();
    await this.call("waitforblockheight", height);
  }

  /** Processor time of all its threads so far. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }

  /** What it has logged so far. */
  logText(): string {
    return readFileSync(join(this.#dataDir, this.#chain, "debug.log"), "utf8");
  }

  /** Most memory it ever took, in MB. */
  peakMemoryMb(): number {
    return this.#statusMb("VmHWM");
  }

  /** Memory that it takes now, in MB. */
  memoryMb(): number {
    return this.#statusMb("VmRSS");
  }

  #statusMb(name: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    await this.call("stop");
    if (this.#child.exitCode === null) await ended;
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
