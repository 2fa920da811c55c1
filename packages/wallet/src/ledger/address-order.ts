import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";

/** The order in which Core lists addresses: by kind, then by what they stand for. */

const KINDS = [
  "pubkey",
  "pubkeyhash",
  "scripthash",
  "witness_v0_scripthash",
  "witness_v0_keyhash",
  "witness_v1_taproot",
  "anchor",
  "witness_unknown",
];

/** Negative where the address with script `a` is listed before that with script `b`. */
export function compareAddresses(a: Uint8Array, b: Uint8Array): number {
  // Within a kind the bytes in front of the hash or program are the same, or in the order of the version.
  return kindOf(a) - kindOf(b) || compareBytes(a, b);
}

const kindOf = (script: Uint8Array) => KINDS.indexOf(templateOf(script).type);
