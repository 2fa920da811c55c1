import { createHash } from "node:crypto";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { hashKey, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { LogCategory } from "../../packages/node/src/ports.ts";
import { START_MS } from "./base-chain.ts";
import type { PeerLeaks } from "./invariants.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import type { Observer, SimulatedNode } from "./simulated-node.ts";
import { hostOf } from "./simulated-sockets.ts";
import type { SimulationResult } from "./simulation.ts";

/** Debug lines that are part of what two runs have in common. */
const CATEGORIES: ReadonlySet<LogCategory> = new Set([
  "net",
  "mempool",
  "mempoolrej",
  "txpackages",
  "cmpctblock",
  "validation",
]);

/** Lines that are counted: a simulation in which these things never happen shows little. */
const COUNTED: readonly (readonly [start: string, name: string])[] = [
  ["received: cmpctblock", "compact blocks"],
  ["received: blocktxn", "transactions of compact blocks"],
  ["received: block ", "blocks"],
  ["received: tx ", "transactions"],
  ["received: addr", "addresses"],
  ["AcceptToMemoryPool", "transactions accepted"],
  ["Disconnecting and discouraging", "punishments"],
  ["Peer is stalling block download", "stallings"],
  ["Timeout downloading block", "timeouts"],
  ["start sending v2 handshake", "v2 connections"],
  ["retrying with v1", "v1 after v2"],
];

/** Problems beyond these are more of the same. */
const PROBLEMS_MAX = 20;

export interface ChronicleOptions {
  readonly clock: SimulatedClock;
  /** Named in lines of the log, and another in every run. */
  readonly folder: string;
  readonly onLine: ((line: string) => void) | undefined;
}

/** What happened in a simulation: every line of every node, every block, and everything that was not as it must be. */
export class Chronicle implements Observer {
  readonly #options: ChronicleOptions;
  readonly #nodes: readonly SimulatedNode[];
  readonly #leaks: PeerLeaks;
  readonly #hash = createHash("sha256");
  readonly #problems = new Set<string>();
  readonly #counts = new Map<string, number>();
  /** Blocks that nodes may know of, by hash, and those of them that nobody may accept. */
  readonly madeBlocks = new Set<string>();
  readonly badBlocks = new Set<string>();
  /** Height of the chain that all begin with. */
  baseHeight = 0;
  #lineCount = 0;

  constructor(options: ChronicleOptions, nodes: readonly SimulatedNode[], leaks: PeerLeaks) {
    this.#options = options;
    this.#nodes = nodes;
    this.#leaks = leaks;
  }

  onLine(node: SimulatedNode, line: string, category?: LogCategory): void {
    if (category !== undefined && !CATEGORIES.has(category)) return;
    // How long saving takes is not simulated, only that it is done.
    if (line.startsWith("Flushed ")) return;
    const text = this.#write(node, line);
    for (const [start, name] of COUNTED) if (line.startsWith(start)) this.count(name);
    if (line.startsWith("error:") && !this.#isRefusalOfBadBlock(line)) this.problems([text]);
    const { peers } = node.p2p?.network ?? {};
    if (peers === undefined) return;
    const [, id] = /^(?:Misbehaving:|Added connection) peer=(\d+)/.exec(line) ?? [];
    const peer = id === undefined ? undefined : peers.find(Number(id));
    if (peer === undefined) return;
    if (line.startsWith("Added")) this.#leaks.note(node, peer);
    else if (this.#honestBehind(peer.options.endpoint) !== undefined)
      this.problems([`${node.name} says of an honest peer: ${line}`]);
  }

  onFatal(node: SimulatedNode, error: Error): void {
    this.problems([`${node.name} failed: ${error.stack}`]);
  }

  onMined(_node: SimulatedNode, block: Block): void {
    this.count("blocks mined");
    this.madeBlocks.add(hashKey(block.hash));
  }

  onDisconnected(): void {
    this.count("blocks disconnected");
  }

  noteBase(node: SimulatedNode): void {
    this.baseHeight = node.chain!.height;
    for (const { hash } of node.chain!.entries()) this.madeBlocks.add(hashKey(hash));
  }

  noteBadBlock(hash: Uint8Array): void {
    const key = hashKey(hash as Block["hash"]);
    this.madeBlocks.add(key);
    this.badBlocks.add(key);
  }

  problems(texts: readonly string[]): void {
    for (const text of texts) if (this.#problems.size < PROBLEMS_MAX) this.#problems.add(text);
  }

  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Promises that fail unheard are problems until the returned function is called, which calls `then` as well. */
  catchRejections(then: () => void): () => void {
    const listen = (reason: unknown) => {
      this.problems([`a promise failed unheard: ${reason instanceof Error ? reason.stack : String(reason)}`]);
    };
    process.on("unhandledRejection", listen);
    return () => {
      process.off("unhandledRejection", listen);
      then();
    };
  }

  result(height: number, durationMs: number): SimulationResult {
    return {
      durationMs,
      fingerprint: this.#hash.digest("hex"),
      height,
      lineCount: this.#lineCount,
      counts: this.#counts,
      problems: [...this.#problems],
    };
  }

  #write(node: SimulatedNode, line: string): string {
    const { clock, folder, onLine } = this.#options;
    this.#lineCount++;
    const text = `${clock.nowMs() - START_MS} ${node.name} ${line.replaceAll(folder, "")}`;
    this.#hash.update(`${text}\n`);
    onLine?.(text);
    return text;
  }

  #isRefusalOfBadBlock(line: string): boolean {
    const [, hash] = /^error: ConnectTip: ConnectBlock ([0-9a-f]{64}) failed/.exec(line) ?? [];
    return hash !== undefined && this.badBlocks.has(hashKey(parseDisplayHash(hash)!));
  }

  #honestBehind(endpoint: SimulatedNode["endpoint"] | undefined): SimulatedNode | undefined {
    const host = endpoint && hostOf(endpoint.address);
    return this.#nodes.find((node) => node.host === host);
  }
}
