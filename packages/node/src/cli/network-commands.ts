import { satsFromCoins } from "@bitfleet/api/amount.ts";
import { coinsText } from "../network/faucet.ts";
import { FolderNetworkControl } from "../network/folder-control.ts";
import type { Agreement } from "../network/operations.ts";
import { nodesOf, type RunningNetwork, unknownNode } from "../network/running-network.ts";
import { parsePartition } from "../network/topology.ts";
import type { SnapshotView } from "../server/network-control.ts";
import { requireRunningNetwork } from "./find-network.ts";
import { ProgressLine } from "./terminal-status.ts";
import { parseTimeChange } from "./time-text.ts";

/** Commands on a network that runs. Each throws `Error` with what to do; what it prints says what happened. */

/** Characters of a hash in a table. */
const HASH_SHOWN = 16;

/** Does `work` with the network in `folder`, and shows how far its nodes are to agree. */
async function withControl<Value>(
  folder: string,
  work: (control: FolderNetworkControl) => Promise<Value>,
): Promise<Value> {
  const progress = new ProgressLine();
  const onProgress = ({ agreeing, total }: Agreement) =>
    progress.show(`${agreeing} of ${total} nodes agree`, (agreeing * 100) / total);
  const network = () => requireRunningNetwork(folder);
  try {
    return await work(new FolderNetworkControl({ folder, network, onProgress }));
  } finally {
    progress.clear();
  }
}

/** `bitfleet mine`. */
export async function runMine(
  folder: string,
  count: number,
  options: { node?: string; address?: string },
): Promise<void> {
  const { node, hashes, height, hash } = await withControl(folder, (control) => control.mine(count, options));
  print(`${node} mined ${countOf(hashes.length, "block")}; height ${height}, tip ${hash}`);
}

/** `bitfleet partition`. */
export async function runPartition(folder: string, groups: string): Promise<void> {
  const names = nodesOf(requireRunningNetwork(folder)).map(({ name }) => name);
  const { partition, absent } = await withControl(folder, (control) =>
    control.partition(names.length === 1 ? [] : parsePartition(groups, names)),
  );
  sayAbsent(absent);
  print(`Partitioned: ${partition.map((group) => group.join(",")).join(" | ")}. "bitfleet heal" ends it.`);
}

/** `bitfleet heal`. */
export async function runHeal(folder: string): Promise<void> {
  const { nodes, height, hash, tied, absent } = await withControl(folder, (control) => control.heal());
  sayAbsent(absent);
  const remedy = 'the next block decides. "bitfleet mine 1" makes one.';
  print(
    tied.length === 0
      ? `Healed: ${countOf(nodes, "node")} agree at height ${height}, tip ${hash}`
      : `Connected again. At height ${height} ${tied.length} blocks have the same work, and ${remedy}`,
  );
}

/** `bitfleet reorg`. */
export async function runReorg(folder: string, depth: number, name?: string): Promise<void> {
  const { node, hashes, height, hash } = await withControl(folder, (control) => control.reorg(depth, name));
  print(`${node} replaced ${countOf(depth, "block")} by ${hashes.length}; height ${height}, tip ${hash}`);
}

/** `bitfleet time`. */
export async function runTime(folder: string, text: string): Promise<void> {
  const change = parseTimeChange(text);
  const { mockTimeSeconds, absent } = await withControl(folder, (control) => control.setTime(change));
  sayAbsent(absent, "the new time");
  print(
    mockTimeSeconds === undefined
      ? "The nodes go by the real time."
      : `For the nodes it is ${new Date(mockTimeSeconds * 1000).toISOString()}; "bitfleet time reset" ends that.`,
  );
}

/** `bitfleet restart`: the supervisor starts again what ends. */
export async function runRestart(folder: string, name: string): Promise<void> {
  const { height, pid } = await withControl(folder, (control) => control.restart(name));
  print(`${name} restarted as process ${pid}; height ${height}`);
}

/** `bitfleet faucet`: `coins` is an amount in BTC, as it was written. */
export async function runFaucet(
  folder: string,
  address: string,
  coins: string,
  options: { mine?: number; node?: string },
): Promise<void> {
  const sats = satsFromCoins(coins);
  if (sats === undefined) throw new Error(`An amount in BTC is expected, such as 0.5, not '${coins}'.`);
  const paid = await withControl(folder, (control) => control.faucet({ address, sats, ...options }));
  const [block] = paid.hashes;
  const fate =
    block === undefined ? 'It waits for a block: "bitfleet mine 1", or --mine 1 with it.' : `In block ${block}.`;
  print(`Sent ${coinsText(sats)} to ${address}, fee ${paid.feeSats} sat: ${paid.txid}\n${fate}`);
}

/** `bitfleet snapshot`. */
export async function runSnapshot(folder: string, wanted: string | undefined): Promise<void> {
  const { name, height, transactions } = await withControl(folder, (control) => control.snapshot(wanted));
  print(
    `Snapshot ${name}: height ${height}, ${countOf(transactions, "transaction")} waiting. "bitfleet revert ${name}" goes back to it.`,
  );
}

/** `bitfleet revert`. */
export async function runRevert(folder: string, name: string): Promise<void> {
  const { nodes, absent, height, hash, transactions } = await withControl(folder, (control) => control.revert(name));
  for (const one of absent) print(`${one} does not answer, or does not know the block: it follows when it can.`);
  const waiting = `${countOf(transactions, "transaction")} waiting`;
  print(`Reverted to ${name}: ${countOf(nodes.length, "node")} at height ${height}, tip ${hash}, ${waiting}`);
}

/** `bitfleet snapshots`. */
export async function runSnapshots(folder: string, options: { remove?: string; json: boolean }): Promise<void> {
  const { remove } = options;
  if (remove !== undefined) {
    await withControl(folder, (control) => control.removeSnapshot(remove));
    print(`Removed snapshot ${remove}.`);
    return;
  }
  const all = await withControl(folder, (control) => control.snapshots());
  if (options.json) print(JSON.stringify(all, undefined, 2));
  else
    print(all.length === 0 ? 'No snapshot was taken yet: "bitfleet snapshot" takes one.' : all.map(lineOf).join("\n"));
}

const lineOf = ({ name, height, hash, transactions, time }: SnapshotView) =>
  `${name.padEnd(16)} height ${height}  ${hash.slice(0, HASH_SHOWN)}…  ${countOf(transactions, "transaction")}  ${time}`;

/** The node of that name. Throws `Error` that names the others where there is none. */
export function nodeOf(network: RunningNetwork, name = "miner-0") {
  const node = nodesOf(network).find((one) => one.name === name);
  if (node === undefined) throw new Error(unknownNode(network, name));
  return node;
}

function sayAbsent(names: readonly string[], what = "the new connections"): void {
  for (const name of names) print(`${name} does not answer; it has ${what} when it starts again.`);
}

const print = (line: string) => process.stdout.write(`${line}\n`);

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
