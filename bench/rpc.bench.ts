/**
 * JSON-RPC reads as a client sees them: calls a second over eight kept connections, the wait that 99 of 100 calls stay under,
 * and the longest wait of a small call beside calls with large answers. Run: `npm run build && npx tsx bench/rpc.bench.ts`.
 * With `CORE_BITCOIND=<path of bitcoind>` Bitcoin Core answers the same calls on the same chain, turn by turn; the ratios say
 * how many of Core's calls a second are ours (more is better) and how many times Core's wait is ours (less is better). Ratios
 * carry from one machine to another; times do not.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { freePort } from "../packages/node/src/network/free-port.ts";
import { chainWithLargeBlock, PAYMENTS } from "./large-block.ts";

const ROUNDS = 3;
const ROUND_MS = 1000;
const CONNECTIONS = 8;
const OURS = resolve(import.meta.dirname, "../packages/node/bin/bitcoind");

/** One kept connection; a call at a time. */
class Connection {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #missingBytes = -1;
  #body: Buffer[] = [];
  #done: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (part: Buffer) => this.#take(part));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    return new Connection(socket);
  }

  /** Resolves with the milliseconds until the last byte of the answer. */
  call(request: string): Promise<number> {
    return new Promise((done) => {
      const sentMs = performance.now();
      this.#done = () => done(performance.now() - sentMs);
      this.#socket.write(request);
    });
  }

  /** The last answer's text. */
  get body(): string {
    return Buffer.concat(this.#body).toString();
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(part: Buffer): void {
    if (this.#missingBytes < 0) {
      this.#received.push(part);
      const head = Buffer.concat(this.#received);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const size = Number(/content-length: *(\d+)/i.exec(head.toString("latin1", 0, end))?.[1]);
      if (!head.toString("latin1", 0, 12).endsWith("200")) throw new Error(head.toString("latin1", 0, 200));
      this.#received = [];
      this.#body = [head.subarray(end + 4)];
      this.#missingBytes = end + 4 + size - head.length;
    } else {
      this.#missingBytes -= part.length;
      this.#body.push(part);
    }
    if (this.#missingBytes > 0) return;
    this.#missingBytes = -1;
    this.#done();
  }
}

class Running {
  readonly child: ChildProcess;
  readonly port: number;
  readonly #authorization: string;

  private constructor(child: ChildProcess, port: number, authorization: string) {
    this.child = child;
    this.port = port;
    this.#authorization = authorization;
  }

  static async start(program: string, dataDir: string): Promise<Running> {
    const port = await freePort();
    const args = ["-regtest", `-datadir=${dataDir}`, `-rpcport=${port}`, "-printtoconsole=0", "-listen=0"];
    const child = spawn(program, [...args, "-listenonion=0"], { stdio: ["ignore", "ignore", "inherit"] });
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${program} ended with code ${child.exitCode}`);
      try {
        const cookie = readFileSync(join(dataDir, "regtest/.cookie"), "utf8").trim();
        const node = new Running(child, port, `Basic ${Buffer.from(cookie).toString("base64")}`);
        await node.once("getblockcount");
        return node;
      } catch {
        await new Promise((resume) => setTimeout(resume, 20));
      }
    }
  }

  request(method: string, params: readonly unknown[] = []): string {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${this.#authorization}\r\n`;
    return `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  }

  async once(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const connection = await Connection.open(this.port);
    await connection.call(this.request(method, params));
    connection.close();
    const { result, error } = JSON.parse(connection.body) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async stop(): Promise<void> {
    await this.once("stop");
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}

interface Measure {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Longest wait of getblockcount on a connection of its own meanwhile; only where asked for. */
  readonly besideMs: number | undefined;
}

interface Workload {
  readonly label: string;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly connections: number;
  /** Whether a small call is made beside, again and again. */
  readonly beside: boolean;
}

async function measure(node: Running, { method, params, connections, beside }: Workload): Promise<Measure> {
  const request = node.request(method, params);
  const small = node.request("getblockcount");
  const open = await Promise.all(Array.from({ length: connections + 1 }, () => Connection.open(node.port)));
  const waitsMs: number[] = [];
  let besideMs = 0;
  // An error would be answered fast.
  await node.once(method, params);
  const startMs = performance.now();
  const endMs = startMs + ROUND_MS;
  const callAgain = async (connection: Connection) => {
    while (performance.now() < endMs) waitsMs.push(await connection.call(request));
  };
  const callBeside = async (connection: Connection) => {
    while (beside && performance.now() < endMs) {
      besideMs = Math.max(besideMs, await connection.call(small));
      await new Promise((resume) => setTimeout(resume, 1));
    }
  };
  await Promise.all(open.map((connection, index) => (index === 0 ? callBeside : callAgain)(connection)));
  const seconds = (performance.now() - startMs) / 1000;
  for (const connection of open) connection.close();
  waitsMs.sort((a, b) => a - b);
  const p99Ms = waitsMs[Math.min(waitsMs.length - 1, Math.floor(waitsMs.length * 0.99))]!;
  return { perSecond: waitsMs.length / seconds, p99Ms, besideMs: beside ? besideMs : undefined };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const tips = chainWithLargeBlock();
const large = displayHash(tips.at(-1)!.block.hash);
const small = (label: string, params: readonly unknown[] = []): Workload => {
  return { label, method: label.split(" ")[0]!, params, connections: CONNECTIONS, beside: false };
};
const ofLargeBlock = (verbosity: number): Workload => ({
  label: `getblock ${verbosity}, ${PAYMENTS} payments`,
  method: "getblock",
  params: [large, verbosity],
  connections: 2,
  beside: true,
});
const workloads: readonly Workload[] = [
  small("getblockcount"),
  small("getbestblockhash"),
  small("getblockchaininfo"),
  small("getblockhash", [50]),
  small("getblockheader", [displayHash(tips[50]!.block.hash)]),
  small("getblock of a small block", [displayHash(tips[50]!.block.hash)]),
  ...[0, 1, 2, 3].map(ofLargeBlock),
];

const programs = [OURS, ...(process.env.CORE_BITCOIND === undefined ? [] : [process.env.CORE_BITCOIND])];
const dataDirs = programs.map(() => mkdtempSync(join(tmpdir(), "bitfleet-rpc-bench-")));
const nodes = await Promise.all(programs.map((program, index) => Running.start(program, dataDirs[index]!)));
try {
  for (const node of nodes) {
    for (const { block } of tips) {
      const refusal = await node.once("submitblock", [toHex(block.bytes)]);
      if (refusal !== null) throw new Error(`a block was refused: ${refusal}`);
    }
  }
  const of = (count: number) => (count >= 100 ? count.toFixed(0) : count.toFixed(1));
  console.log(`median of ${ROUNDS} rounds${nodes.length === 1 ? "; set CORE_BITCOIND to compare" : ""}\n`);
  console.log("| call | calls/s | Core | ratio | p99 ms | Core | ratio | longest wait beside, ms | Core |");
  console.log("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
  for (const workload of workloads) {
    const rounds: Measure[][] = nodes.map(() => []);
    for (let round = -1; round < ROUNDS; round++) {
      for (const [index, node] of nodes.entries()) {
        const measured = await measure(node, workload);
        // The first round warms up.
        if (round >= 0) rounds[index]!.push(measured);
      }
    }
    const medianOf = (index: number, name: keyof Measure): number | undefined =>
      rounds[index]?.[0]?.[name] === undefined ? undefined : median(rounds[index].map((each) => each[name]!));
    const pair = (name: keyof Measure) => [medianOf(0, name), medianOf(1, name)] as const;
    const cells = (["perSecond", "p99Ms"] as const).flatMap((name) => {
      const [ours, theirs] = pair(name);
      return [ours, theirs, ours !== undefined && theirs !== undefined ? ours / theirs : undefined];
    });
    const text = [...cells, ...pair("besideMs")].map((value, index) =>
      value === undefined ? "" : index === 2 || index === 5 ? value.toFixed(2) : of(value),
    );
    console.log(`| ${workload.label} | ${text.join(" | ")} |`);
  }
} finally {
  await Promise.all(nodes.map((node) => node.stop()));
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
}
