import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import type { AddressType } from "./descriptor-record.ts";

/** The kind of addresses that a descriptor stands for; `undefined` where its scripts have none, or several. */
export function addressTypeOf(descriptor: Descriptor): AddressType | undefined {
  switch (descriptor.kind) {
    case "pkh":
      return "legacy";
    case "wpkh":
    case "wsh":
      return "bech32";
    case "tr":
    case "rawtr":
      return "bech32m";
    case "sh":
      return descriptor.inner.kind === "wpkh" || descriptor.inner.kind === "wsh" ? "p2sh-segwit" : "legacy";
    case "addr":
    case "raw":
      return addressTypeOfScript(descriptor.script);
    default:
      return undefined;
  }
}

/** The kind of address of a script, as far as it shows: what is in a P2SH does not. */
export function addressTypeOfScript(script: Uint8Array): AddressType | undefined {
  switch (templateOf(script).type) {
    case "pubkeyhash":
    case "scripthash":
      return "legacy";
    case "witness_v0_keyhash":
    case "witness_v0_scripthash":
      return "bech32";
    case "witness_v1_taproot":
    case "witness_unknown":
    case "anchor":
      return "bech32m";
    default:
      return undefined;
  }
}
