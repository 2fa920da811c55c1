import { launchNetwork } from "./launched-network.ts";
import type { BitfleetNetwork, StartNetworkOptions } from "./network-api.ts";

/** The entry of the package `bitfleet`. */

export type {
  BitfleetNetwork,
  BitfleetNode,
  FaucetOptions,
  FaucetPayment,
  MineOptions,
  NetworkSnapshot,
  NetworkTimeChange,
  RpcParams,
  SignetOptions,
  StartNetworkOptions,
} from "./network-api.ts";

/**
 * Starts a private network (regtest, or a signet of its own) of real nodes, with real data directories and sockets, on ports that are free: miners in a chain
 * and web servers on them. Resolves when every node answers and all are connected as planned. Rejects with what is wrong, after all that
 * had been started has ended.
 */
export function startNetwork(options: StartNetworkOptions = {}): Promise<BitfleetNetwork> {
  return launchNetwork(options);
}
