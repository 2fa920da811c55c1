import { normalizedText } from "@bitfleet/wallet/descriptors/descriptor-forms.ts";
import type { ScriptSource } from "@bitfleet/wallet/keychain/script-source.ts";
import type { AddressBookEntry } from "@bitfleet/wallet/ledger/address-book.ts";
import { compareAddresses } from "@bitfleet/wallet/ledger/address-order.ts";
import { namedEntry } from "@bitfleet/wallet/ledger/transaction-amounts.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";

/** What several calls of wallets say of scripts. */

/** The text of one of the wallet's descriptors that finds its scripts without private keys, as far as there is one. */
export function descriptorTextOf({ record, descriptor }: ScriptSource, { secrets, deps }: NodeWallet): string {
  const context = { secrets: secrets.unlocked, prefixes: deps.prefixes };
  return record.normalizedText ?? normalizedText(descriptor, context) ?? record.text;
}

/** `parent_descs`: the wallet's descriptors that a script comes from. */
export function parentDescriptors(wallet: NodeWallet, script: Uint8Array): readonly string[] {
  const { keychain } = wallet;
  return keychain.ownersOf(script).map(({ descriptorId }) => descriptorTextOf(keychain.source(descriptorId), wallet));
}

/** The label that the user gave the address with a script; `undefined` where it is not in the address book. */
export function labelOf({ ledger }: NodeWallet, script: Uint8Array): string | undefined {
  return namedEntry(ledger, script)?.label;
}

/** What the user says of addresses, in the order of those. */
export function namedAddresses({ ledger }: NodeWallet): readonly AddressBookEntry[] {
  return [...ledger.addressBook()]
    .filter(({ label }) => label !== undefined)
    .sort((a, b) => compareAddresses(a.script, b.script));
}

/** Negative where one text comes before the other by its bytes in UTF-8. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
