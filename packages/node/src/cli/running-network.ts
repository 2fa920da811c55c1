import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { JsonNumber, JsonObject } from "@bitfleet/api/json.ts";
import { callRpc, type RpcTarget, RpcUnreachable } from "./rpc-client.ts";

/** What `bitfleet up` leaves in its folder so that the other commands find it while it runs. */

export const DATA_FOLDER_DEFAULT = "bitfleet-data";
const FILE_NAME = "running.json";
const CALL_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 60_000;
const STOP_POLL_MS = 50;

export interface RunningNetwork {
  readonly pid: number;
  readonly nodeDataDir: string;
  readonly rpcPort: number;
  readonly webUrl: string;
}

export function writeRunningNetwork(folder: string, network: RunningNetwork): void {
  writeFileSync(join(folder, FILE_NAME), `${JSON.stringify(network, undefined, 2)}\n`);
}

export function removeRunningNetwork(folder: string): void {
  rmSync(join(folder, FILE_NAME), { force: true });
}

/** The network that runs in `folder`; `undefined` where none does, also where one ended without tidying up. */
export function readRunningNetwork(folder: string): RunningNetwork | undefined {
  let network: RunningNetwork;
  try {
    network = JSON.parse(readFileSync(join(resolve(folder), FILE_NAME), "utf8")) as RunningNetwork;
  } catch {
    return undefined;
  }
  return isAlive(network.pid) ? network : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** bitcoin-cli options that lead to the network in `folder`; those of a default regtest node where none runs there. */
export function targetArguments(folder: string): readonly string[] | undefined {
  const network = readRunningNetwork(folder);
  if (network === undefined) {
    const remedy = 'Start one with "bitfleet up", or name its folder with --data.';
    process.stderr.write(`Error: No network is running in ${resolve(folder)}. ${remedy}\n`);
    return undefined;
  }
  return ["-regtest", `-datadir=${network.nodeDataDir}`, `-rpcport=${network.rpcPort}`];
}

function targetOf(network: RunningNetwork): RpcTarget {
  const cookieFile = join(network.nodeDataDir, "regtest", ".cookie");
  return {
    host: "127.0.0.1",
    port: network.rpcPort,
    credentials: { cookieFile },
    path: "/",
    timeoutMs: CALL_TIMEOUT_MS,
  };
}

/** `bitfleet status`: exit code 0 where the network answers, 1 where it does not. */
export async function showStatus(folder: string): Promise<number> {
  const network = readRunningNetwork(folder);
  if (network === undefined) {
    process.stdout.write(`No network is running in ${resolve(folder)}.\n`);
    return 1;
  }
  try {
    const info = await callRpc(targetOf(network), "getblockchaininfo", []);
    const height = info instanceof JsonObject ? info.get("blocks") : undefined;
    process.stdout.write(
      `Running (process ${network.pid}), height ${height instanceof JsonNumber ? height.text : "unknown"}\n` +
        `Web page  ${network.webUrl}\nJSON-RPC  http://127.0.0.1:${network.rpcPort}\n`,
    );
    return 0;
  } catch (error) {
    process.stderr.write(`Error: process ${network.pid} runs but does not answer: ${(error as Error).message}\n`);
    return 1;
  }
}

/** `bitfleet down`: asks the network to stop and waits until it has. */
export async function stopNetwork(folder: string): Promise<number> {
  const network = readRunningNetwork(folder);
  if (network === undefined) {
    process.stdout.write(`No network is running in ${resolve(folder)}.\n`);
    return 0;
  }
  try {
    await callRpc(targetOf(network), "stop", []);
  } catch (error) {
    // It may be ending already, in which case nobody answers any more.
    if (!(error instanceof RpcUnreachable)) throw error;
  }
  const startedMs = performance.now();
  while (isAlive(network.pid)) {
    if (performance.now() - startedMs > STOP_TIMEOUT_MS) {
      process.stderr.write(`Error: process ${network.pid} has not stopped within a minute.\n`);
      return 1;
    }
    await new Promise((resume) => setTimeout(resume, STOP_POLL_MS));
  }
  process.stdout.write("Stopped.\n");
  return 0;
}
