import type { Random } from "../ports.ts";
import { sqlLibraryProblem } from "../wallets/storage/sql-database.ts";
import { loadMiningKey, type MiningKey, readMiningKey } from "./mining-key.ts";
import { type PrivateChain, prefixesOf } from "./private-chain.ts";

/** To whom a network mines. */
export interface Payee {
  /** To the wallet of the first miner where absent. */
  readonly miningAddress?: string;
  /** Comes into the wallet, with all that was mined to it. */
  readonly miningKey?: MiningKey;
  /** Why there is no wallet, as part of a sentence; absent where there is one. */
  readonly walletProblem?: string;
}

/**
 * The address that is `given`; else that of the key in the folder, which is of an earlier version; else the wallet's. Where wallets
 * cannot be had a key is made, which comes into the wallet once there is one. Throws `Error` where the key's file is damaged.
 */
export async function payeeOf(
  folder: string,
  chain: PrivateChain,
  random: Pick<Random, "bytes">,
  given?: string,
): Promise<Payee> {
  const walletProblem = await sqlLibraryProblem();
  const needsKey = walletProblem !== undefined && given === undefined;
  const prefixes = prefixesOf(chain);
  const miningKey = needsKey ? loadMiningKey(folder, prefixes, random) : readMiningKey(folder, prefixes);
  const miningAddress = given ?? miningKey?.address;
  return {
    ...(miningAddress !== undefined && { miningAddress }),
    ...(miningKey !== undefined && { miningKey }),
    ...(walletProblem !== undefined && { walletProblem }),
  };
}

/** Why the faucet of a network that mines elsewhere than to its wallet has nothing to pay with. */
export function noFaucetReason({ walletProblem }: Payee, miningAddress: string): string {
  if (walletProblem !== undefined) {
    return `The faucet pays from a wallet, and this network has none: ${walletProblem}. Install it with "npm install libsql", and start the network again.`;
  }
  return `The network mines to ${miningAddress}, which is no address of its wallet: the faucet has nothing to pay from.`;
}
