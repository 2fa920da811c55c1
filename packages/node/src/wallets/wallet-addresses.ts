import type { AddressType, DescriptorUse } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { AddressBookEntry, AddressPurpose } from "@bitfleet/wallet/ledger/address-book.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { historyOf } from "@bitfleet/wallet/ledger/history.ts";
import { scriptsAdded } from "@bitfleet/wallet/ledger/own-rules.ts";
import type { ScriptOwner } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import { socketTurn } from "../turns.ts";
import type { NodeWallet } from "./node-wallet.ts";

/** Giving addresses out, and what is said of them. Errors are in Core's words. */

/** An address by its script. */
export interface GivenAddress {
  readonly script: Uint8Array;
  readonly owner: ScriptOwner;
}

/** The next address to receive by, which goes into the address book under `label`. */
export function newReceiveAddress(
  wallet: NodeWallet,
  addressType: AddressType,
  label: string,
): GivenAddress | { readonly error: string } {
  return newAddress(wallet, { addressType, isInternal: false }, label);
}

/** The next address for change; {@link takeBackAddress} where it is not used after all. */
export function newChangeAddress(
  wallet: NodeWallet,
  addressType: AddressType,
): GivenAddress | { readonly error: string } {
  return newAddress(wallet, { addressType, isInternal: true }, undefined);
}

function newAddress(
  wallet: NodeWallet,
  use: DescriptorUse,
  label: string | undefined,
): GivenAddress | { readonly error: string } {
  const taken = wallet.keychain.take(use);
  if ("error" in taken) return taken;
  const { script, owner, changes } = taken;
  const isUsed = wallet.ledger.addressBookEntry(script)?.isUsed ?? false;
  const addressBook: AddressBookEntry[] = label === undefined ? [] : [{ script, label, purpose: "receive", isUsed }];
  wallet.apply({ ...EMPTY_CHANGE_SET, addressBook }, [changes]);
  return { script, owner };
}

/** The address was told to nobody. It is given out again if none was given out since. */
export function takeBackAddress(wallet: NodeWallet, { owner }: GivenAddress): void {
  wallet.apply(EMPTY_CHANGE_SET, [wallet.keychain.giveBack(owner)]);
}

/** Puts an address into the address book, or changes what is said of it. */
export function nameAddress(wallet: NodeWallet, script: Uint8Array, label: string, purpose: AddressPurpose): void {
  const isUsed = wallet.ledger.addressBookEntry(script)?.isUsed ?? false;
  wallet.apply({ ...EMPTY_CHANGE_SET, addressBook: [{ script, label, purpose, isUsed }] });
}

/** Addresses of each kind that are derived between two turns of the event loop. */
const ADDRESSES_PER_TURN = 16;

/**
 * Watches `size` addresses ahead: what of them transactions of the wallet paid before is its own now. Others have a turn in between, after
 * each of which some more are watched for good; ends early where the wallet is locked meanwhile, or who asked has gone.
 */
export async function refillKeypool(wallet: NodeWallet, size: number, signal: AbortSignal): Promise<void> {
  const { keychain } = wallet;
  const fewest = Math.min(size, ...keychain.activeSources().map(({ unusedCount }) => unusedCount));
  for (let ahead = fewest; ; ) {
    ahead = Math.min(size, ahead + ADDRESSES_PER_TURN);
    if (!watchAhead(wallet, ahead) || ahead === size) return;
    await socketTurn();
    if (signal.aborted) return;
  }
}

/**
 * As `NodeWallet.topUp` of a wallet that is about to be in use, with turns for others: `-keypool` may be a million. What is not watched when
 * it is ended early is so at the next start.
 */
export async function topUpInTurns(wallet: NodeWallet, signal: AbortSignal): Promise<void> {
  const { keychain } = wallet;
  const { lookAhead } = keychain;
  let ahead = Math.min(lookAhead, ...keychain.activeSources().map(({ unusedCount }) => unusedCount));
  while (!signal.aborted) {
    ahead = Math.min(lookAhead, Math.max(0, ahead) + ADDRESSES_PER_TURN);
    // Also what takes locked keys is passed over, and not waited for.
    wallet.topUp(ahead);
    if (ahead === lookAhead) return;
    await socketTurn();
  }
}

/** False where that takes locked keys. */
function watchAhead(wallet: NodeWallet, count: number): boolean {
  const { keychain, ledger } = wallet;
  return wallet.database.transaction(() => {
    const known = keychain.scriptCount;
    const isComplete = wallet.topUp(count);
    if (keychain.scriptCount > known) {
      wallet.apply(scriptsAdded(ledger, historyOf(ledger), (script) => keychain.ownerOf(script)));
    }
    return isComplete;
  });
}
