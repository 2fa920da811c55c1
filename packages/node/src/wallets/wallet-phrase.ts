import { masterKeyOf } from "@bitfleet/wallet/keys/accounts.ts";
import { seedOfMnemonic } from "@bitfleet/wallet/keys/mnemonic.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import type { BlockReference } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { NodeWallet } from "./node-wallet.ts";
import { ADDRESS_TYPES, setUpKeysOf } from "./wallet-setup.ts";

/** Nobody knows how old a phrase is. Core's word for that is 1, since 0 means now. */
const AGE_UNKNOWN_SECONDS = 1;

/**
 * Gives an empty wallet the keys of a recovery phrase that `parseMnemonic` gave, for every kind of address, and has it begin behind the chain's first
 * block: everything that the chain has, or comes to have, is looked through. The wallet must be unlocked.
 */
export function setUpPhraseKeys(wallet: NodeWallet, phrase: string, firstBlock: BlockReference): void {
  const seed = seedOfMnemonic(phrase);
  const master = masterKeyOf(seed, wallet.deps.prefixes);
  seed.fill(0);
  setUpKeysOf(wallet, master, ADDRESS_TYPES, [false, true], AGE_UNKNOWN_SECONDS);
  wallet.apply({ ...EMPTY_CHANGE_SET, bestBlock: { hash: firstBlock.hash, height: firstBlock.height } });
}
