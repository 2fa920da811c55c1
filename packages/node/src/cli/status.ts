import { resolve } from "node:path";
import type { JsonNumber, JsonObject } from "@bitfleet/api/json.ts";
import { logFileOf, readPartition } from "../network/network.ts";
import { call, type NetworkNode } from "../network/operations.ts";
import { RpcTimeout } from "../network/rpc-client.ts";
import { nodesOf, type RunningNetwork, type RunningNode, readRunningNetwork } from "../network/running-network.ts";

/** What the table and the JSON of `bitfleet status` tell of one node. */
interface NodeRow {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly pid: number | undefined;
  readonly height: number | undefined;
  readonly tip: string | undefined;
  readonly peers: number | undefined;
  readonly rpc: string;
  readonly page: string | undefined;
  readonly problem: string | undefined;
}

const TIP_SHOWN = 16;
/** A node that hangs is not waited for: that it does is what one wants to see. */
const ANSWER_TIMEOUT_MS = 5_000;

/** `bitfleet status`: exit code 0 where every node answers, 1 where one does not or none runs. */
export async function showStatus(folder: string, asJson: boolean): Promise<number> {
  const network = readRunningNetwork(folder);
  if (network === undefined) {
    process.stdout.write(asJson ? "null\n" : `No network is running in ${resolve(folder)}.\n`);
    return 1;
  }
  const rows = await Promise.all(nodesOf(network).map((node) => rowOf(node, network)));
  const partition = readPartition(folder);
  if (asJson) process.stdout.write(`${JSON.stringify({ pid: network.pid, partition, nodes: rows }, undefined, 2)}\n`);
  else process.stdout.write(text(network.pid, rows, partition));
  return rows.every((row) => row.height !== undefined) ? 0 : 1;
}

async function rowOf(node: RunningNode & NetworkNode, network: RunningNetwork): Promise<NodeRow> {
  const { name, role, state, pid, rpcPort, webPort } = node;
  const row = { name, role, state, pid, rpc: `http://127.0.0.1:${rpcPort}` };
  const page = webPort === undefined ? undefined : `http://localhost:${webPort}`;
  try {
    const asked = { ...node, target: { ...node.target, timeoutMs: ANSWER_TIMEOUT_MS } };
    const info = (await call(asked, "getblockchaininfo")) as JsonObject;
    const peers = (await call(asked, "getconnectioncount")) as JsonNumber;
    const height = Number((info.get("blocks") as JsonNumber).text);
    return {
      ...row,
      page,
      height,
      tip: String(info.get("bestblockhash")),
      peers: Number(peers.text),
      problem: undefined,
    };
  } catch (error) {
    const problem = node.lastError || problemOf(error as Error, node, network);
    return { ...row, page, height: undefined, tip: undefined, peers: undefined, problem };
  }
}

/** Where it says nothing: what was asked, and what helps. */
function problemOf(error: Error, node: RunningNode, network: RunningNetwork): string {
  const { name, pid, rpcPort, dataDir } = node;
  if (!(error instanceof RpcTimeout)) return error.message.slice(name.length + 2);
  const asked = `no answer to getblockchaininfo at 127.0.0.1:${rpcPort} within ${ANSWER_TIMEOUT_MS / 1000} s`;
  const next = network.nodes !== undefined ? "it is started again" : 'start it again with "bitfleet up"';
  const end = pid === undefined ? "" : ` If it stays so, end it with "kill -9 ${pid}"; ${next}.`;
  return `${asked}. It is busy or hangs; its log, ${logFileOf(dataDir, network.chain ?? "regtest")}, may say why.${end}`;
}

function text(pid: number, rows: readonly NodeRow[], partition: readonly (readonly string[])[]): string {
  const head = ["node", "state", "pid", "height", "tip", "peers", "JSON-RPC", "page"];
  const cells = rows.map((row) => [
    row.name,
    row.state,
    String(row.pid ?? ""),
    String(row.height ?? "?"),
    row.tip?.slice(0, TIP_SHOWN) ?? "",
    String(row.peers ?? "?"),
    row.rpc,
    row.page ?? "",
  ]);
  const silent = rows.filter((row) => row.problem !== undefined);
  const problems = silent.map((row) => `${row.name} does not answer: ${row.problem}\n`);
  const verdict =
    partition.length > 0
      ? `Partitioned: ${partition.map((group) => group.join(",")).join(" | ")}  (bitfleet heal ends it)\n`
      : `${agreementText(rows, silent.length)}\n`;
  return `Running (process ${pid}), height ${Math.max(...rows.map(({ height }) => height ?? 0))}\n\n${table([head, ...cells])}\n${verdict}${problems.join("")}`;
}

function agreementText(rows: readonly NodeRow[], silentCount: number): string {
  if (silentCount === rows.length) return "No node answers.";
  const tips = new Set(rows.flatMap(({ tip }) => tip ?? []));
  if (tips.size > 1) return `${tips.size} different tips.`;
  return silentCount === 0 ? "All nodes agree." : `The ${rows.length - silentCount} nodes that answer agree.`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
