import { join, resolve } from "node:path";
import { NETWORK_FOLDERS } from "../files.ts";
import { ConfigError, type SettingSources } from "../settings.ts";
import { type Environment, isMiner, isWebServer, textOf } from "./variables.ts";

/** Options that choose the network: where the command line has one, the environment's has no say. */
const NETWORK_OPTIONS = ["chain", "regtest", "signet", "testnet", "testnet4"];

/** A directory of the node that the environment names. */
export interface Place {
  readonly variable: "NODE_DATA_DIR" | "NODE_WALLET_DIR";
  readonly option: "datadir" | "walletdir";
  /** Absolute. */
  readonly path: string;
}

/** `-chain` for `NODE_NETWORK`, unless the command line chooses the network. Throws {@link ConfigError}. */
export function networkArguments(environment: Environment, commandLine: SettingSources): readonly string[] {
  const name = textOf(environment, "NODE_NETWORK");
  if (name === undefined || NETWORK_OPTIONS.some((option) => commandLine.commandLine.has(option))) return [];
  if (!Object.hasOwn(NETWORK_FOLDERS, name)) {
    const names = Object.keys(NETWORK_FOLDERS);
    throw new ConfigError(
      `Invalid value '${name}' for NODE_NETWORK: ${names.slice(0, -1).join(", ")} or ${names.at(-1)} is expected.`,
    );
  }
  return [`-chain=${name}`];
}

/**
 * Where data and wallets are; `folder` is that of the instance below both, if it has one. Wallets are named only where the node has
 * any. Throws {@link ConfigError}.
 */
export function placesOf(environment: Environment, folder: string | undefined): readonly Place[] {
  const below = (path: string) => resolve(folder === undefined ? path : join(path, folder));
  const data = textOf(environment, "NODE_DATA_DIR");
  if (data === undefined && folder !== undefined) {
    throw new ConfigError("NODE_INSTANCE_DIRS=yes needs NODE_DATA_DIR, below which each instance has its folder.");
  }
  const wallets = ownsWallets(environment) ? textOf(environment, "NODE_WALLET_DIR") : undefined;
  return [
    ...(data === undefined ? [] : [{ variable: "NODE_DATA_DIR", option: "datadir", path: below(data) } as const]),
    ...(wallets === undefined
      ? []
      : [{ variable: "NODE_WALLET_DIR", option: "walletdir", path: below(wallets) } as const]),
  ];
}

/** The places whose option the command line does not take over. */
export function placesInUse(places: readonly Place[], commandLine: SettingSources): readonly Place[] {
  return places.filter(({ option }) => !commandLine.commandLine.has(option));
}

export const placeArguments = (places: readonly Place[]) => places.map(({ option, path }) => `-${option}=${path}`);

/** A web server is one of many that come and go: the wallet is at a node that stays. */
const ownsWallets = (environment: Environment) => isMiner(environment) || !isWebServer(environment);
