import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { NETWORK_FOLDERS } from "../config/files.ts";
import { machineEnvironment } from "../machine.ts";
import type { NamedTarget } from "../network/operations.ts";
import type { RpcTarget } from "../network/rpc-client.ts";
import { cliTarget } from "./bitcoin-cli.ts";

/**
 * The node that runs by itself (`bitcoind`, `bitfleet node`) in a data directory: found by the cookie that it has left there, or by the
 * password in its bitcoin.conf. Throws `Error` with what to do where there is no sign of one.
 */
export function lonelyNode(folder: string, rpcPort: number | undefined): NamedTarget {
  const dataDir = resolve(folder);
  const hasConfig = existsSync(join(dataDir, "bitcoin.conf"));
  const chains = Object.entries(NETWORK_FOLDERS).filter(([, inside]) => existsSync(join(dataDir, inside, ".cookie")));
  const [[chain] = [], ...others] = chains;
  if (chain === undefined && !hasConfig) {
    throw new Error(
      `No network is running in ${dataDir}, and no node either: there is no cookie of one. Start a network with "bitfleet up", or name its folder, or the data directory of a node that runs, with --data.`,
    );
  }
  const args = [`-datadir=${dataDir}`, ...(rpcPort === undefined ? [] : [`-rpcport=${rpcPort}`])];
  const configured = cliTarget(args, machineEnvironment());
  if (hasConfig && (chain === undefined || canAsk(configured))) return named(configured);
  if (others.length > 0) {
    const names = chains.map(([name]) => name).join(", ");
    throw new Error(
      `Nodes of several chains have left cookies in ${dataDir} (${names}). Say which is meant to bitcoin-cli: bitcoin-cli -datadir=${dataDir} -chain=${chain} createwallet NAME.`,
    );
  }
  return named(cliTarget([...args, `-chain=${chain}`], machineEnvironment()));

  function named(target: RpcTarget): NamedTarget {
    return { name: `The node in ${dataDir} (port ${target.port}; another with --rpc-port)`, target };
  }
}

/** Whether there is anything to be let in with. */
function canAsk({ credentials }: RpcTarget): boolean {
  return (
    typeof credentials === "string" || (credentials.cookieFile !== undefined && existsSync(credentials.cookieFile))
  );
}
