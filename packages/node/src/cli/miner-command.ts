import { type JsonNumber, JsonObject } from "@bitfleet/api/json.ts";
import type { MinerPacing } from "../mining/miner.ts";
import { call, type NetworkNode } from "../network/operations.ts";
import { nodesOf } from "../network/running-network.ts";
import { requireRunningNetwork } from "./find-network.ts";
import { nodeOf } from "./network-commands.ts";

export interface MinerOptions {
  readonly node?: string;
  readonly address?: string;
}

/** What a node says of its miner. */
interface MinerFacts {
  readonly pacing: string;
  readonly interval: number;
  readonly address: string | undefined;
  readonly miners: number;
  readonly hashesPerSecond: number;
  readonly found: number;
  readonly stale: number;
}

/**
 * `bitfleet miner`: a line for each miner of the network, after it has been told what to do where `pacing` says so. Throws `Error` with
 * what to do.
 */
export async function runMiner(
  folder: string,
  pacing: MinerPacing | undefined,
  seconds: number | undefined,
  { node: name, address }: MinerOptions,
): Promise<void> {
  if (seconds !== undefined && pacing !== "interval") {
    throw new Error(`Seconds go with interval: "bitfleet miner interval ${seconds}".`);
  }
  const network = requireRunningNetwork(folder);
  const nodes = name === undefined ? nodesOf(network).filter(({ role }) => role === "miner") : [nodeOf(network, name)];
  for (const node of nodes) {
    if (node.state === "failed") {
      process.stdout.write(`${node.name.padEnd(14)}failed: ${node.lastError}\n`);
      continue;
    }
    const before = await factsOf(node);
    const facts =
      pacing === undefined
        ? before
        : await tell(node, pacing, seconds, address ?? before.address ?? network.miningAddress);
    process.stdout.write(`${node.name.padEnd(14)}${textOf(facts)}\n`);
  }
}

async function tell(node: NetworkNode, pacing: MinerPacing, seconds: number | undefined, address: string) {
  const interval = seconds ?? (await factsOf(node)).interval;
  await call(node, "setminer", pacing, interval, address);
  return factsOf(node);
}

async function factsOf(node: NetworkNode): Promise<MinerFacts> {
  const info = await call(node, "getminerinfo");
  if (!(info instanceof JsonObject)) throw new Error(`${node.name} answers getminerinfo with no object`);
  const numberOf = (field: string) => Number((info.get(field) as JsonNumber).text);
  const address = info.get("address");
  return {
    pacing: String(info.get("pacing")),
    interval: numberOf("interval"),
    address: address === undefined ? undefined : String(address),
    miners: numberOf("miners"),
    hashesPerSecond: numberOf("hashespersec"),
    found: numberOf("found"),
    stale: numberOf("stale"),
  };
}

function textOf({ pacing, interval, address, miners, hashesPerSecond, found, stale }: MinerFacts): string {
  const what =
    pacing === "interval" ? `interval ${interval} s (${miners} ${miners === 1 ? "miner" : "miners"})` : pacing;
  const speed = hashesPerSecond > 0 ? `, ${Math.round(hashesPerSecond)} hashes/s` : "";
  const payee = address === undefined ? "" : `, paid to ${address}`;
  return `${what}: ${found} found, ${stale} stale${speed}${payee}`;
}
