import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";
import type { CoinType } from "../selection/coin.ts";

/** A type that the wallet makes addresses of. */
export type AddressType = Exclude<CoinType, "unknown">;

export interface ChangeTypeSettings {
  /** `-addresstype` */
  readonly addressType: AddressType;
  /** `-changetype`, where set. */
  readonly changeType: AddressType | undefined;
}

/**
 * Of which type change is: as requested or set; else like a recipient, so that it does not stand out; else the most modern that the
 * wallet has a descriptor for. `hasType` tells which types it can make change of.
 */
export function changeTypeFor(
  recipients: readonly { readonly scriptPubKey: Uint8Array }[],
  requested: AddressType | undefined,
  settings: ChangeTypeSettings,
  hasType: (type: AddressType) => boolean,
): AddressType {
  const told = requested ?? settings.changeType;
  if (told !== undefined) return told;
  if (settings.addressType === "legacy") return "legacy";
  const paid = new Set(recipients.map(({ scriptPubKey }) => outputTypeOf(scriptPubKey)));
  if (paid.has("witness_v1_taproot") && hasType("bech32m")) return "bech32m";
  if (paid.has("witness_v0_keyhash") && hasType("bech32")) return "bech32";
  // Most script hashes wrap a witness key hash.
  if (paid.has("scripthash") && hasType("p2sh-segwit")) return "p2sh-segwit";
  if (paid.has("pubkeyhash") && hasType("legacy")) return "legacy";
  if (hasType("bech32m")) return "bech32m";
  return hasType("bech32") ? "bech32" : settings.addressType;
}
