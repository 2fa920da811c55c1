import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";

/** What the user, or the wallet for him, says of addresses. They are named by the script they stand for. */

export type AddressPurpose = "receive" | "send" | "refund";

export interface AddressBookEntry {
  readonly script: Uint8Array;
  /** `undefined` for what the wallet merely remembers of a change address: the user has not named it, nor given it out. */
  readonly label: string | undefined;
  readonly purpose: AddressPurpose | undefined;
  /** Whether a coin of it has been spent: in wallets that avoid reuse, its coins are set apart. */
  readonly isUsed: boolean;
}

/** Whether outputs with this script have an address. */
export function hasAddress(script: Uint8Array): boolean {
  switch (outputTypeOf(script)) {
    case "pubkeyhash":
    case "scripthash":
    case "anchor":
    case "witness_v0_keyhash":
    case "witness_v0_scripthash":
    case "witness_v1_taproot":
    case "witness_unknown":
      return true;
    default:
      return false;
  }
}
