import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import type { AddressType } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import { masterKeyOf } from "@bitfleet/wallet/keys/accounts.ts";
import type { DescriptorId } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import type { Random } from "../ports.ts";
import type { NodeWallet } from "./node-wallet.ts";
import { importDescriptor } from "./wallet-import.ts";
import { accountDescriptorOf, findDescriptor, SEED_SIZE, setUpKeysOf } from "./wallet-setup.ts";

/** Extended keys of a wallet, and descriptors made of them. The wallet must be unlocked. */

/** A new extended private key, as text. */
export function newMasterKey({ deps }: NodeWallet, random: Pick<Random, "bytes">): string {
  const seed = random.bytes(SEED_SIZE);
  const master = masterKeyOf(seed, deps.prefixes);
  seed.fill(0);
  return master;
}

/** Keeps an extended private key for descriptors to come; false where it was kept so before. */
export async function addMasterKey(wallet: NodeWallet, master: string): Promise<boolean> {
  const parsed = parseDescriptor(`unused(${master})`, wallet.deps);
  if ("error" in parsed) throw new Error(`a descriptor made here cannot be read: ${parsed.error}`);
  const { secrets, descriptors } = parsed;
  const [descriptor] = descriptors;
  if (findDescriptor(wallet, descriptor) !== undefined) return false;
  await importDescriptor(wallet, {
    ...{ descriptor, secrets, createdAt: wallet.nowSeconds, isActive: false, isInternal: false, label: "" },
    ...{ rangeStart: 0, rangeEnd: 1, nextIndex: 0 },
  });
  return true;
}

/** Descriptors of one kind of address from an extended private key; those that the wallet has already are left as they are. */
export function createDescriptors(
  wallet: NodeWallet,
  master: string,
  addressType: AddressType,
  internals: readonly boolean[],
): readonly DescriptorId[] {
  const missing = internals.filter((isInternal) => {
    const { descriptor } = accountDescriptorOf(wallet, master, { addressType, isInternal });
    return findDescriptor(wallet, descriptor) === undefined;
  });
  return setUpKeysOf(wallet, master, [addressType], missing);
}
