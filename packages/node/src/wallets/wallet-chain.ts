import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { WalletDatabase } from "./storage/wallet-database.ts";
import { WalletFault } from "./wallet-fault.ts";

/** The setting with the hash of the first block of the chain that a wallet belongs to. */
const GENESIS_SETTING = "genesis";

/**
 * Notes which chain a wallet follows. One that followed a chain with another first block is refused, as what it knows of payments is not
 * true here; where the operator allows it, it belongs to this chain from now on. Files of a network with another magic are refused before,
 * in any case, as by Core.
 */
export function claimForChain(
  settings: Pick<WalletDatabase["settings"], "get" | "put">,
  genesis: BlockHash,
  { allowsOtherChains }: { readonly allowsOtherChains: boolean },
): void {
  const before = settings.get(GENESIS_SETTING);
  if (before !== undefined && equalBytes(before, genesis)) return;
  if (before !== undefined && !allowsOtherChains) {
    throw new WalletFault(
      "failed",
      "Wallet files should not be reused across chains. Restart bitcoind with -walletcrosschain to override.",
    );
  }
  settings.put(GENESIS_SETTING, genesis);
}
